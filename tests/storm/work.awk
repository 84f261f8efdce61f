# Some work on each line of its input with a function, strings and an array; SIGUSR1 makes gawk dump its profile in
# the middle of it. A dump walks through the interpreter's own stack and tables, so that only an interruption point
# is a safe moment: here gawk's reading of the next block.
function put(i,   s) {
	s = sprintf("%d-%s", i, "abc")
	kept[i % 1000] = s s
	return length(s)
}
{
	n++
	total += put($1)
}
END {
	print total, n
}
