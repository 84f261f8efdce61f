# Some work with a function, strings and an array; SIGUSR1 makes gawk dump its profile in the middle of it.
function put(i,   s) {
	s = sprintf("%d-%s", i, "abc")
	kept[i % 1000] = s s
	return length(s)
}
BEGIN {
	while (n < 800000) {
		n++
		total += put(n)
	}
	print total, n
}
