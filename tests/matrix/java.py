"""OpenJDK: its own use of SIGSEGV, SIGBUS and others; QUIT prints a thread dump; shutdown hooks; libjsig beside us."""
import glob
import signal

PROGRAM = "OpenJDK"
SENT = "QUIT (thread dump), its own SEGV, stack overflow, HUP/TERM/INT (shutdown hooks), a handler of its own; with libjsig too"
JSIG = next(iter(sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/lib/libjsig.so"))), "libjsig.so")
NEEDS = ("java", "javac", JSIG)

SOURCE = """
import sun.misc.Signal;
public class Main {
    static volatile int caught;
    static Object nothing;
    static int deep(int n) { return deep(n + 1) + 1; }
    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { System.out.println("hook"); System.out.flush(); }));
        Signal.handle(new Signal("USR2"), s -> { caught++; System.out.println("handled " + s.getName() + " " + caught); });
        for (int t = 0; t < 3; t++) { // collectors stop these by page protection and safepoints
            Thread w = new Thread(() -> { for (;;) { byte[][] junk = new byte[100][]; for (int i = 0; i < 100; i++) junk[i] = new byte[1000]; } });
            w.setDaemon(true);
            w.start();
        }
        int npe = 0, soe = 0;
        for (int i = 0; i < 20000; i++)
            try { nothing.hashCode(); } catch (NullPointerException e) { npe++; } // implicit checks fault in compiled code
        for (int i = 0; i < 5; i++)
            try { deep(0); } catch (StackOverflowError e) { soe++; }
        System.out.println("npe " + npe + " soe " + soe);
        Process p = new ProcessBuilder("sh", "-c", "exit 7").start();
        System.out.println("child " + p.waitFor());
        System.out.println("ready");
        Thread.sleep(100000);
    }
}
"""


def row(world):
    world.write("Main.java", SOURCE)
    status, said = world.tool(["javac", "-nowarn", "-XDignore.symbol.file", "Main.java"], limit=90)
    assert status == 0, said
    for n, (signo, preload) in enumerate(((signal.SIGTERM, None), (signal.SIGINT, None), (signal.SIGHUP, JSIG))):
        out = f"out{n}"
        argv = ["java", "-Xmx64m", "-Xshare:auto", "-XX:+UseSerialGC" if n else "-XX:+UseG1GC", "-cp", world.home, "Main"]
        server = world.start(["env", f"LD_PRELOAD={JSIG}", *argv] if preload and not world.prefix else argv, out=out,
                             env={"LD_PRELOAD": JSIG} if preload and world.prefix else None)
        world.says("ready", out)
        if preload:
            world.wait("libjsig", lambda: "libjsig" in open(f"/proc/{server.pid}/maps").read())
        world.carries(server)
        server.send(signal.SIGQUIT)
        world.says("Full thread dump", out)
        world.says("Metaspace", out)
        for k in range(1, 6):
            server.send(signal.SIGUSR2)
            world.says(f"handled USR2 {k}", out)
        world.carries(server, replays=6)
        server.send(signo)
        world.saw(f"{signo.name}{' with libjsig' if preload else ''}: {world.ended(server)}")
        lines = [l for l in world.text(out).splitlines() if l.startswith(("npe", "child", "handled", "hook", "Full", '"main"'.strip()))]
        world.saw("; ".join(l.split(" [")[0].split(" #")[0] for l in lines))
        world.saw(f"crashed: {'SIGSEGV' in world.text(out) or 'fatal error' in world.text(out)}")
