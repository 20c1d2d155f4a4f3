export CCACHE_DIR=/builds/.ccache
