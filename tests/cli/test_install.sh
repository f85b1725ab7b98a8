# An installation at a prefix named only then: its pkg-config file leads to what was installed.
. tests/cli/lib.sh

command -v pkg-config >/dev/null && command -v cmake >/dev/null || exit 77
said="cmake --install"
prefix=$scratch/prefix
cmake --install "$(dirname "$NMF")" --prefix "$prefix" >"$scratch/out" 2>"$scratch/err" || fail "cannot be installed"
file=$(find "$prefix" -name nmf.pc)
expect_file "$file"
PKG_CONFIG_PATH=$(dirname "$file")
export PKG_CONFIG_PATH
expect_file "$(pkg-config --variable=includedir nmf)/nmf/nmf.h"
expect_file "$(pkg-config --variable=libdir nmf)/libnmf.a"
expect_file "$(pkg-config --variable=libdir nmf)/libnmf.so"
! grep -q '[ =]/' "$file" || fail "nmf.pc holds an absolute path: $(grep '[ =]/' "$file")"

finish
