// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/cpu_engine.h"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>

#include "host/engine/candidates.h"
#include "support/error.h"

namespace sterna::cpu {
namespace {

bool is_result(std::uint32_t segment) {
  return segment == model::kOutputSegment || segment == model::kTopSegment;
}

// Each segment at an address far from the others'.
plan::Segment segment_of(const model::Segment& of) {
  constexpr std::uint64_t kApart = std::uint64_t{1} << 48;  // lines
  const std::uint64_t lines = of.bytes / kLineBytes;
  return {of.index * kApart, lines, of.per_lane ? lines : 0, is_result(of.index)};
}

}  // namespace

unsigned default_threads(const ranks::Ranks* ranks) {
  const unsigned all = std::max(1u, std::thread::hardware_concurrency());
  if (ranks == nullptr) return all;
  unsigned processors = all;
  cpu_set_t bound;  // mpirun may have bound this process to some of them
  if (::sched_getaffinity(0, sizeof bound, &bound) == 0) {
    processors = static_cast<unsigned>(CPU_COUNT(&bound));
  }
  return std::max(1u, std::min(processors, all / ranks->on_this_machine()));
}

CpuEngine::CpuEngine(const model::SternaFile& file, unsigned sequences, unsigned threads,
                     const Kernels& kernels, ranks::Ranks* ranks)
    : kernels_(kernels),
      ranks_(ranks),
      vocabulary_(file.header().model.vocab_size),
      sequences_(sequences),
      team_(threads) {
  plan::Target target;
  target.greatest_token = vocabulary_ - 1;
  for (const model::Segment& segment : file.header().segments) {
    target.segments[segment.index] = segment_of(segment);
  }
  const std::vector<Instruction> program = file.program();
  plan::Plan logits = plan::make_plan(program, file.header().entries.logits, target);
  plan::Plan top = plan::make_plan(program, file.header().entries.top, target);

  for (const model::Segment& segment : file.header().segments) {
    const std::uint32_t s = segment.index;
    if (segment.per_lane) copy_bytes_[s] = segment.bytes;
    if (segment.bytes == 0 || is_result(s)) continue;
    memory_[s] = AlignedBytes(segment.bytes * (segment.per_lane ? sequences : 1));
    bases_[s] = memory_[s].data();
    if (!segment.in_file) continue;
    const auto bytes = file.section(segment.name);
    if (s == model::kWeightsSegment) {
      copy_trees(logits, bytes);
    } else {
      std::memcpy(bases_[s], bytes.data(), bytes.size());
    }
  }
  const Share share = ranks == nullptr ? Share{} : Share{ranks->rank(), ranks->size()};
  Matrices matrices({file.section("weights").data()}, team_, share);
  logits_program_ =
      std::make_unique<Executor>(std::move(logits), bases_, matrices, kernels_, team_, ranks);
  top_program_ =
      std::make_unique<Executor>(std::move(top), bases_, matrices, kernels_, team_, ranks);
}

// Products have a form of their own of their matrices; trees are read as they stand in the file.
// What is not copied takes no memory.
void CpuEngine::copy_trees(const plan::Plan& plan, std::span<const std::byte> weights) {
  for (const plan::Operation& op : plan.operations) {
    if (op.kind != plan::Kind::kWalk && op.kind != plan::Kind::kSumPath) continue;
    const auto lines = weights.subspan(op.lines.first * kLineBytes, op.lines.count * kLineBytes);
    std::memcpy(bases_[model::kWeightsSegment] + op.lines.first * kLineBytes, lines.data(),
                lines.size());
  }
}

std::string CpuEngine::name() const {
  std::string text = fmt::format("cpu ({}", kernels_.name);
  if (team_.size() > 1) text += fmt::format(", {} threads", team_.size());
  if (ranks_ != nullptr) text += fmt::format(", {} ranks", ranks_->size());
  return text + ")";
}

void CpuEngine::reset(unsigned sequence) {
  for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
    const std::uint32_t s = model::kStateSegment + bank;
    if (bases_[s] != nullptr) {
      std::memset(bases_[s] + sequence * copy_bytes_[s], 0, copy_bytes_[s]);
    }
  }
}

void CpuEngine::step(std::span<const engine::Column> columns) {
  engine::check_columns(*this, columns);
  answers_.assign(columns.size(), {});
  figures_ = {};
  std::size_t results = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    answers_[i].wanted = columns[i].head;
    if (columns[i].head != engine::Head::kNone) answers_[i].result = results++;
  }
  if (results > result_copies_) {
    result_copies_ = results;
    for (const std::uint32_t s : {model::kOutputSegment, model::kTopSegment}) {
      memory_[s] = AlignedBytes(copy_bytes_[s] * results);
      bases_[s] = memory_[s].data();
    }
    logits_program_->move(bases_);
    top_program_->move(bases_);
  }
  for (std::size_t first = 0; first < columns.size(); first += kColumns) {
    run(columns.subspan(first, std::min<std::size_t>(kColumns, columns.size() - first)), first);
    ++figures_.passes;
  }
}

void CpuEngine::run(std::span<const engine::Column> columns, std::size_t first) {
  engine::Head head = engine::Head::kNone;
  std::vector<ExecutorColumn> all(columns.size());
  std::map<unsigned, std::size_t> last;  // column of each sequence
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Answer& answer = answers_[first + i];
    all[i] = {columns[i].sequence, columns[i].token, ExecutorColumn::kNone, answer.result};
    const auto [at, is_first] = last.try_emplace(columns[i].sequence, i);
    if (!is_first) all[i].previous = std::exchange(at->second, i);
    head = std::max(head, columns[i].head);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) answers_[first + i].computed = head;
  Executor& program = head == engine::Head::kTop ? *top_program_ : *logits_program_;
  program.run(all);
  figures_.counters.values[static_cast<std::size_t>(Counter::kSaturated)] += program.saturated();
}

const CpuEngine::Answer& CpuEngine::answer(std::size_t column, engine::Head head) const {
  if (column >= answers_.size() || answers_[column].wanted != head) {
    throw Error("column {} of the last step has no such result", column);
  }
  return answers_[column];
}

const numerics::fix* CpuEngine::result(std::uint32_t segment, std::size_t copy) const {
  return reinterpret_cast<const numerics::fix*>(bases_[segment] + copy * copy_bytes_[segment]);
}

std::span<const double> CpuEngine::logits(std::size_t column) {
  const numerics::fix* all =
      result(model::kOutputSegment, answer(column, engine::Head::kLogits).result);
  logits_.resize(vocabulary_);
  std::transform(all, all + vocabulary_, logits_.begin(), numerics::to_double);
  return logits_;
}

std::span<const engine::Candidate> CpuEngine::top(std::size_t column) {
  const Answer& from = answer(column, engine::Head::kTop);
  top_.clear();
  if (from.computed == engine::Head::kLogits) {
    const numerics::fix* all = result(model::kOutputSegment, from.result);
    logits_.resize(vocabulary_);
    std::transform(all, all + vocabulary_, logits_.begin(), numerics::to_double);
    top_ = engine::top_candidates(logits_);
    return top_;
  }
  const numerics::fix* list = result(model::kTopSegment, from.result);
  for (std::uint32_t i = 0; i < std::min(kTopEntries, vocabulary_); ++i) {
    top_.push_back(
        {static_cast<std::uint32_t>(list[kTopEntries + i]), numerics::to_double(list[i])});
  }
  return top_;
}

}  // namespace sterna::cpu
