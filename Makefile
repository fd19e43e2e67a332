# SPDX-License-Identifier: Apache-2.0
# The front door. Every goal installs what it lacks first (Debian 12: apt, as root), then builds with CMake and Ninja.
BUILD   ?= build
JOBS    ?= $(shell nproc)
PROMPT  ?= ROMEO:
TOKENS  ?= 200
PREFIX  ?= /usr/local

# Configures a fresh build folder without the tests, which need more packages; leaves any other as it is.
CONFIGURE = test -f $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=OFF

.PHONY: all demo demo-fff test host cuda install deb u250 bench-rtl bench-power bench-fff bench-cpu bench-gpu bench-serve lint format generate xclbin bitstream synth-core timing timing-ecp5 fuzz clean

all:
	@scripts/setup.sh build test
	@cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=ON
	@cmake --build $(BUILD) -j $(JOBS)

# Text from the shipped model, computed by the Verilated RTL, each token's logits compared with golden's.
demo:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target sterna
	$(BUILD)/sterna run models/shakespeare.sterna -p "$(PROMPT)" -n $(TOKENS) --backend rtl --check golden

# The same from a model with Fast Feedforward layers: a token reads what lies on its paths through their trees.
demo-fff:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target sterna
	$(BUILD)/sterna run models/shakespeare-fff.sterna -p "$(PROMPT)" -n $(TOKENS) --backend rtl --check golden

test:
	@scripts/setup.sh lint
	@$(MAKE) --no-print-directory all
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

# The command for a card's own machine, in build-host: without the simulated hardware, so without Verilator and SystemC.
# ARCH=aarch64 builds it for 64-bit Arm (Kria) on a Debian machine, in build-aarch64.
host:
ifeq ($(ARCH),aarch64)
	@scripts/setup.sh cross
	@cmake -S . -B $(BUILD)-aarch64 -G Ninja --toolchain cmake/aarch64.cmake "-DSTERNA_SYSROOT=$$(scripts/aarch64_libraries.sh)" -DSTERNA_HOST_ONLY=ON -DBUILD_TESTING=OFF
	@cmake --build $(BUILD)-aarch64 -j $(JOBS) --target sterna
else
	@scripts/setup.sh host
	@cmake -S . -B $(BUILD)-host -G Ninja -DSTERNA_HOST_ONLY=ON -DBUILD_TESTING=OFF
	@cmake --build $(BUILD)-host -j $(JOBS) --target sterna
endif

# The command with `--backend cuda` (docs/cuda.md): fetches a CUDA compiler where there is none; needs neither a driver nor a GPU.
cuda:
	@scripts/setup.sh build cuda
	@$(CONFIGURE)
	@nvcc=$$(scripts/cuda_compiler.sh) && cmake -S . -B $(BUILD) "-DSTERNA_NVCC=$$nvcc"
	@cmake --build $(BUILD) -j $(JOBS) --target sterna

# What docs/install.md lists, below PREFIX; DESTDIR stages it.
install:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target installable
	@DESTDIR="$(DESTDIR)" cmake --install $(BUILD) --prefix "$(PREFIX)"

# The same as a Debian package in the build folder.
deb:
	@scripts/setup.sh build package
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target installable
	@cpack -G DEB --config $(BUILD)/CPackConfig.cmake -B $(BUILD)

# Adds the configuration u250, which is large, to what is built.
u250:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake -S . -B $(BUILD) "-DSTERNA_CONFIGS=tiny;demo;u250"
	@cmake --build $(BUILD) -j $(JOBS) --target sterna

# Full-size models on the configuration u250 with timed DDR4. BENCH: arguments of bench/rtl. One lane alone is quick:
# make bench-rtl BENCH="370M --config kv260 --memory ddr4:shared" (a Kria), or BENCH="370M --config u250x1", at several latencies of memory with --latency 80,150,250,400 in it.
# BENCH="fff ...": a Fast Feedforward layer beside a dense one; arguments of bench/fff_rtl.
bench-rtl:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake -S . -B $(BUILD) "-DSTERNA_CONFIGS=tiny;demo;$(or $(filter u250x1 u250x17 kv260 hbm8,$(BENCH)),u250)"
ifeq ($(firstword $(BENCH)),fff)
	@cmake --build $(BUILD) -j $(JOBS) --target sterna
	@STERNA=$(abspath $(BUILD))/sterna bench/fff_rtl $(filter-out fff,$(BENCH))
else
	@cmake --build $(BUILD) -j $(JOBS) --target bench_rtl
	@BENCH_RTL=$(abspath $(BUILD))/bench_rtl bench/rtl $(BENCH)
endif

# The CPU engine's products beside ggml's (GGML: a folder of its sources), and whole models beside llama.cpp. OPTIONS: of bench/cpu.
bench-cpu:
	@scripts/setup.sh build llama
	@$(CONFIGURE)
	@bench/cpu $(GGML) $(OPTIONS)
	@bench/cpu_tokens

# The energy of a token on CONFIG (demo) by the toggles of its signals: an estimate. BENCH_POWER: more arguments of bench/power.
bench-power:
	@scripts/setup.sh build test
	@$(CONFIGURE)
	@cmake -S . -B $(BUILD) "-DSTERNA_CONFIGS=tiny;demo;$(or $(CONFIG),demo)"
	@cmake --build $(BUILD) -j $(JOBS) --target bench_energy
	@BENCH_ENERGY=$(abspath $(BUILD))/bench_energy bench/power $(or $(CONFIG),demo) $(BENCH_POWER)

# The CUDA engine on this machine's GPU beside cuBLAS, and whole tokens.
bench-gpu:
	@scripts/setup.sh build cuda
	@$(CONFIGURE)
	@BUILD=$(abspath $(BUILD)) bench/gpu

# Fast Feedforward layers on this machine's CPU beside dense ones of OpenBLAS and oneDNN: one thread, then all. BENCH_FFF: arguments of bench/fff.
bench-fff:
	@scripts/setup.sh build fff
	@$(CONFIGURE)
	@for threads in $(sort 1 $(JOBS)); do BUILD=$(abspath $(BUILD)) bench/fff --threads $$threads $(BENCH_FFF) || exit 1; done

# The HTTP server under load beside the engine's own batch rate. BENCH_SERVE_ARGUMENTS: of bench/serve; `locust` has real clients.
bench-serve:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target bench_serve sterna
	@STERNA=$(abspath $(BUILD))/sterna BENCH_SERVE=$(abspath $(BUILD))/bench_serve bench/serve $(BENCH_SERVE_ARGUMENTS)

# Regenerates what comes from isa/isa.toml and rtl/config: the SystemVerilog package, ROMs and kernel tops, the C++ headers,
# kernel.xml and packaging lists, docs/isa.md.
generate:
	@scripts/setup.sh build
	@$(CONFIGURE)
	@cmake --build $(BUILD) -j $(JOBS) --target generate

# For whoever has Vitis and a card: PLATFORM=u250 or u280, CONFIG of rtl/config. Hours.
xclbin:
	@scripts/xclbin.sh "$(PLATFORM)" $(CONFIG)

# A board's bitstream with open tools, in build/bitstream (docs/boards.md): BOARD=ulx3s; SEEDS="1,2,3" routes it so often. Half an hour a seed.
bitstream:
	@scripts/setup.sh bitstream
	@scripts/bitstream.py "$(BOARD)" $(if $(SEEDS),--seeds $(SEEDS))

# What CONFIG (demo) takes of an XCU250 (kv260: of an XCK26), module by module, as Yosys sees it.
synth-core:
	@scripts/setup.sh test
	@scripts/synth_core.py $(CONFIG)

# How fast CONFIG (demo) is by a model of UltraScale+'s delays: the worst paths, slack by module (docs/timing.md). MODULE: one alone.
# LANES="4 8 12": what CONFIG (u250) takes of the card, and its worst path, with so many lanes; ten to fifteen minutes of a core for each.
timing:
	@scripts/setup.sh timing
	@$(if $(LANES),bench/timing/lanes.py $(LANES) $(if $(CONFIG),--config $(CONFIG)),bench/timing/timing.py $(CONFIG) $(if $(MODULE),--module $(MODULE)))

# The same model, with an ECP5's delays, beside nextpnr: some modules are placed and routed. Half an hour.
timing-ecp5:
	@scripts/setup.sh timing
	@bench/timing/ecp5.py $(MODULE)

# What a change must pass besides the other tests: style, clang-tidy, the RTL's front ends, the arrows between folders.
lint:
	@scripts/setup.sh build test lint
	@cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=ON
	@nice ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) -L lint

format:
	@scripts/setup.sh lint
	@git ls-files '*.cpp' '*.cu' '*.h' | grep -v generated/ | xargs clang-format -i
	@scripts/spdx.sh --add

# Fuzzes the parsers of what comes from others for SECONDS each; new inputs go to build-fuzz/corpus.
fuzz:
	@scripts/setup.sh build lint
	@scripts/fuzz.sh $(or $(SECONDS),60)

clean:
	rm -rf $(BUILD)
