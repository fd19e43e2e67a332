// SPDX-License-Identifier: Apache-2.0
// What others report for the same models, with the work that their figure covers.
#pragma once

#include <string_view>

namespace sterna {

struct Rival {
  std::string_view system;
  std::string_view model;
  double tokens_per_second = 0;
  double weights_per_token = 0;  // counted in the figure, millions; 0: not known
  std::string_view note;
};

// What matmulfree_KRIA's figure covers is taken to be the whole model; the two others on a KV260
// run other models, with attention. arXiv 2406.02528 (the paper: one timed block has three d x d
// products, no lm_head), the README of its author's later RTL, Ternip (embedding and lm_head on the
// CPU), and arXiv 2502.16473 (TerEffic).
inline constexpr Rival kRivals[] = {
    {"paper, D5005", "370M", 62, 75.5, "projected with 512-bit bursts, 24 blocks of 3 d x d"},
    {"paper, D5005", "1.3B", 23.8, 75.5, "projected; its row is d = 1024's"},
    {"paper, D5005", "1.3B", 5.8, 302, "the same projection with d = 2048's row"},
    {"Ternip, U250", "370M", 86.4, 308.3, "one stream, 300 MHz, 4 DDR4 channels"},
    {"Ternip, U250", "370M", 1943, 308.3, "24 streams, on silicon"},
    {"Ternip, U250", "370M", 3889, 308.3, "45 streams, projected"},
    {"Ternip, U250", "1.3B", 970, 1233.1, "41 streams"},
    {"matmulfree_KRIA", "370M", 30.6, 341.05, "KV260, one stream; 43.8 at batch 4"},
    {"matmulfree_KRIA", "370M", 43.8, 341.05, "KV260, batch 4"},
    {"TeLLMe v2, KV260", "0.73B", 25, 0, "BitNet, 250 MHz, 4.8 W"},
    {"bitnet-kv260", "2B", 16.8, 0, "BitNet 2B4T, 6.2 W"},
    {"TerEffic, 2 x U280", "370M", 16300, 0, "weights on the chips, 150 MHz, many streams"},
    {"TerEffic, U280", "2.7B", 727, 0, "over HBM"},
};

}  // namespace sterna
