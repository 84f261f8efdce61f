/* Looks as the Go linker's output does: a .go.buildinfo section. */
__attribute__((section(".go.buildinfo"), used)) static const char info[] = "\xff Go buildinf:";

#ifdef BARE
void _start(void)
{
    for (;;)
        ;
}
#else
int main(void)
{
    return 0;
}
#endif
