// SPDX-License-Identifier: Apache-2.0
#include "host/planned/planned_engine.h"

#include <algorithm>
#include <map>
#include <utility>

#include "host/engine/candidates.h"
#include "support/error.h"

namespace sterna::planned {
namespace {

// Each segment at an address far from the others'.
plan::Segment segment_of(const model::Segment& of) {
  constexpr std::uint64_t kApart = std::uint64_t{1} << 48;  // lines
  const std::uint64_t lines = of.bytes / kLineBytes;
  return {of.index * kApart, lines, of.per_lane ? lines : 0, is_result(of.index)};
}

}  // namespace

Plans make_plans(const model::SternaFile& file) {
  plan::Target target;
  target.greatest_token = file.header().model.vocab_size - 1;
  for (const model::Segment& segment : file.header().segments) {
    target.segments[segment.index] = segment_of(segment);
  }
  const std::vector<Instruction> program = file.program();
  return {plan::make_plan(program, file.header().entries.logits, target),
          plan::make_plan(program, file.header().entries.top, target)};
}

PlannedEngine::PlannedEngine(const model::SternaFile& file, unsigned sequences,
                             unsigned columns_per_pass)
    : vocabulary_(file.header().model.vocab_size),
      sequences_(sequences),
      columns_(columns_per_pass) {
  for (const model::Segment& segment : file.header().segments) {
    if (segment.per_lane) copy_bytes_[segment.index] = segment.bytes;
  }
}

void PlannedEngine::step(std::span<const engine::Column> columns) {
  engine::check_columns(*this, columns);
  answers_.assign(columns.size(), {});
  figures_ = {};
  std::size_t results = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    answers_[i].wanted = columns[i].head;
    if (columns[i].head != engine::Head::kNone) answers_[i].result = results++;
  }
  if (results > result_copies_) {
    make_room(results);
    result_copies_ = results;
  }
  for (std::size_t first = 0; first < columns.size(); first += columns_) {
    run(columns.subspan(first, std::min<std::size_t>(columns_, columns.size() - first)), first);
    ++figures_.passes;
  }
}

void PlannedEngine::run(std::span<const engine::Column> columns, std::size_t first) {
  engine::Head head = engine::Head::kNone;
  std::vector<plan::PassColumn> all(columns.size());
  std::map<unsigned, std::size_t> last;  // column of each sequence
  for (std::size_t i = 0; i < columns.size(); ++i) {
    all[i] = {columns[i].sequence, columns[i].token, plan::PassColumn::kNone,
              answers_[first + i].result};
    const auto [at, is_first] = last.try_emplace(columns[i].sequence, i);
    if (!is_first) all[i].previous = std::exchange(at->second, i);
    head = std::max(head, columns[i].head);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) answers_[first + i].computed = head;
  figures_.counters.values[static_cast<std::size_t>(Counter::kSaturated)] += run_pass(head, all);
}

const PlannedEngine::Answer& PlannedEngine::answer(std::size_t column, engine::Head head) const {
  if (column >= answers_.size() || answers_[column].wanted != head) {
    throw Error("column {} of the last step has no such result", column);
  }
  return answers_[column];
}

std::span<const double> PlannedEngine::logits(std::size_t column) {
  const numerics::fix* all =
      result(model::kOutputSegment, answer(column, engine::Head::kLogits).result);
  logits_.resize(vocabulary_);
  std::transform(all, all + vocabulary_, logits_.begin(), numerics::to_double);
  return logits_;
}

std::span<const engine::Candidate> PlannedEngine::top(std::size_t column) {
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

}  // namespace sterna::planned
