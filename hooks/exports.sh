#!/bin/sh
# Derives the linker's version script from a table of hooks, so that no export can be forgotten or left over:
#
#   sh hooks/exports.sh FILE.def [EXTRA-NAME...]
#
# An entry begins at the start of a line with MACRO(. The exported name is the second argument of ASM and
# ALIAS, the third of every other macro; what follows on later lines does not matter. Comment lines do not
# match, as they begin with a blank, a star or a slash.
set -eu
[ $# -ge 1 ] || { echo "usage: exports.sh FILE.def [NAME...]" >&2; exit 2; }
table=$1
shift

echo "{ global:"
{
    sed -n -E \
        -e '/^#/d' \
        -e 's/^(ASM|ALIAS)\( *[^,]+, *([A-Za-z_][A-Za-z0-9_]*) *[,)].*/\2/p' \
        -e 't' \
        -e 's/^[A-Z][A-Z0-9_]*\( *[^,]+,[^,]+, *([A-Za-z_][A-Za-z0-9_]*) *[,)].*/\1/p' \
        "$table"
    for name in "$@"; do echo "$name"; done
} | LC_ALL=C sort -u | sed 's/.*/    &;/'
echo "local: *; };"
