# The front door. `make demo` and `make test` install what they lack (Debian 12, apt), build and run.
BUILD ?= build
JOBS ?= $(shell nproc)

.PHONY: all setup demo test lint format generate clean

all: setup
	cmake -S . -B $(BUILD) -G Ninja
	cmake --build $(BUILD) -j $(JOBS)

setup:
	@scripts/setup.sh

test: all
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

clean:
	rm -rf $(BUILD)
