// SPDX-License-Identifier: Apache-2.0
#include "host/cuda/stages.h"

#include <algorithm>
#include <map>

#include "host/cuda/stage.h"
#include "host/cuda/tiles.h"
#include "host/plan/buffers.h"

namespace sterna::cuda {
namespace {

using plan::Kind;
using plan::kNoValue;
using plan::PhaseKind;
using plan::Value;

class Planner {
 public:
  Planner(const plan::Plan& plan, std::span<const plan::Phase> phases)
      : plan_(plan),
        info_(plan.values.size()),
        product_stage_(plan.operations.size(), Stages::kNone),
        set_of_(plan.operations.size()),
        stage_of_(plan.operations.size(), Stages::kNone) {
    for (std::uint32_t i = 0; i < set_of_.size(); ++i) set_of_[i] = i;
    for (const plan::Phase& phase : phases) {
      if (phase.kind != PhaseKind::kProducts) continue;
      for (const std::uint32_t i : phase.operations) product_stage_[i] = stage_count_;
      ++stage_count_;
    }
  }

  std::optional<Stages> run() {
    if (plan_.keeps_registers || stage_count_ == 0) return std::nullopt;
    out_.stages.resize(stage_count_);
    out_.published.resize(plan_.values.size());
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      if (!classify(i)) return std::nullopt;
    }
    if (!make_sets() || !make_rows()) return std::nullopt;
    for (std::uint32_t k = 0; k < stage_count_; ++k) {
      if (!match_whole(k)) return std::nullopt;
    }
    if (!make_tail() || !all_there() || !memory_in_order()) return std::nullopt;
    find_room();
    return std::move(out_);
  }

 private:
  // What a value is: memory's or a constant; of rows, but the same wherever it is computed; of the
  // rows of a stage's set of products; of a whole vector; a list of TOPK.
  enum class What { kGiven, kFree, kOwned, kWhole, kList };
  struct Info {
    What what{};
    std::uint32_t stage = 0, set = 0;  // of kOwned
    std::uint32_t length = 0;          // elements
  };

  const plan::Operation& op_of(Value value) const {
    return plan_.operations[plan_.values[value].operation];
  }
  std::uint32_t find_set(std::uint32_t i) const {
    while (set_of_[i] != i) i = set_of_[i];
    return i;
  }
  bool is_given(Value value) const {
    return value != kNoValue && info_[value].what == What::kGiven;
  }
  bool is_owned_before(Value value, std::uint32_t stage) const {
    return value != kNoValue && info_[value].what == What::kOwned && info_[value].stage < stage;
  }

  bool classify(std::uint32_t i) {
    const plan::Operation& op = plan_.operations[i];
    Info info{.length = op.kind == Kind::kProduct ? op.rows : op.length};
    switch (op.kind) {
      case Kind::kConstant:
      case Kind::kLoad:
        info.what = What::kGiven;
        break;
      case Kind::kProduct:
        info = {What::kOwned, product_stage_[i], i, op.rows};
        break;
      case Kind::kElementwise:
      case Kind::kScan:
      case Kind::kStore:
        if (!classify_row(op, info)) return false;
        if (op.kind == Kind::kStore) {
          if (info.what == What::kOwned) stores_.push_back({i, info.stage, info.set});
          return info.what == What::kOwned || info.what == What::kList;
        }
        if (info.what == What::kList) return false;
        break;
      case Kind::kNorm:
      case Kind::kLift:
      case Kind::kQuantise:
        info.what = What::kWhole;
        break;
      case Kind::kTop:
        info.what = What::kList;
        break;
      default:
        return false;
    }
    info_[op.out] = info;
    return true;
  }

  bool classify_row(const plan::Operation& op, Info& info) {
    info.what = What::kFree;
    for (const Value value : op.in) {
      if (value == kNoValue) continue;
      const Info& from = info_[value];
      if (from.length < op.length && from.what != What::kList) return false;
      if (from.what == What::kWhole || from.what == What::kList) {
        info.what = from.what;
        return true;
      }
      if (from.what != What::kOwned) continue;
      if (info.what == What::kFree || from.stage > info.stage) {
        info = {What::kOwned, from.stage, from.set, info.length};
      } else if (from.stage == info.stage) {
        const std::uint32_t one = find_set(info.set), other = find_set(from.set);
        set_of_[std::max(one, other)] = std::min(one, other);
      }
    }
    return true;
  }

  // The few products of a layer become one set where they have the same rows, though nothing joins
  // all of these (g's with f's and i's, gate's with up's): so all are found at once.
  void join_sets() {
    constexpr std::size_t kFew = 3;
    std::vector<std::vector<std::uint32_t>> products(stage_count_);
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      if (plan_.operations[i].kind == Kind::kProduct) products[product_stage_[i]].push_back(i);
    }
    for (const std::vector<std::uint32_t>& of_stage : products) {
      const bool alike = std::ranges::all_of(of_stage, [&](std::uint32_t i) {
        return plan_.operations[i].rows == plan_.operations[of_stage.front()].rows;
      });
      if (!alike || of_stage.size() > kFew) continue;
      for (const std::uint32_t i : of_stage) set_of_[find_set(i)] = of_stage.front();
    }
  }

  bool make_sets() {
    join_sets();
    std::vector<std::map<std::uint32_t, std::size_t>> at(stage_count_);
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const plan::Operation& op = plan_.operations[i];
      if (op.kind != Kind::kProduct) continue;
      auto& sets = out_.stages[product_stage_[i]].sets;
      const auto [it, is_new] = at[product_stage_[i]].try_emplace(find_set(i), sets.size());
      if (is_new) sets.emplace_back();
      sets[it->second].products.push_back(i);
      stage_of_[i] = product_stage_[i];
    }
    set_at_ = std::move(at);
    for (const Stages::Stage& stage : out_.stages) {
      const std::size_t in_set = stage.sets.front().products.size();
      if (in_set > kMostChains || in_set * stage.sets.size() > kMostStageProducts) return false;
      const plan::Operation& first = plan_.operations[stage.sets.front().products.front()];
      for (const Stages::Set& set : stage.sets) {
        if (set.products.size() != in_set) return false;
        for (const std::uint32_t i : set.products) {
          const plan::Operation& op = plan_.operations[i];
          if (op.length != first.length) return false;
          if (op.rows != plan_.operations[set.products.front()].rows) return false;
        }
        // In each set the same vectors, in the same order.
        for (std::size_t p = 0; p < in_set; ++p) {
          const plan::Operation& like = plan_.operations[stage.sets.front().products[p]];
          if (plan_.operations[set.products[p]].in[0] != like.in[0]) return false;
        }
      }
    }
    return true;
  }

  Stages::Set& set(std::uint32_t stage, std::uint32_t product) {
    return out_.stages[stage].sets[set_at_[stage].at(find_set(product))];
  }

  // A word of a row, in a slot of the set's rows.
  struct Slots {
    std::map<Value, std::uint8_t> of;
    std::uint8_t count = 0;
  };

  bool make_rows() {
    std::map<std::pair<std::uint32_t, std::uint32_t>, Slots> slots;
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const plan::Operation& op = plan_.operations[i];
      const bool stores = op.kind == Kind::kStore;
      if (op.kind != Kind::kElementwise && op.kind != Kind::kScan && !stores) continue;
      const Info info = stores ? info_[op.in[0]] : info_[op.out];
      if (info.what != What::kOwned) continue;
      const std::uint32_t root = find_set(info.set);
      Stages::Set& to = set(info.stage, root);
      const auto [it, is_new] = slots.try_emplace({info.stage, root});
      if (is_new) {
        for (const std::uint32_t p : to.products) {
          it->second.of[plan_.operations[p].out] = it->second.count++;
        }
      }
      if (!add_row(i, info.stage, to, it->second)) return false;
    }
    for (const Stages::Stage& stage : out_.stages) {
      std::size_t loads = 0, rows = 0;
      for (const Stages::Set& each : stage.sets) {
        loads += each.loads.size();
        rows += each.rows.size();
      }
      if (loads > kMostRowLoads ||
          rows + stage.sets.size() * stage.sets.front().products.size() > kMostRowOps)
        return false;
    }
    return true;
  }

  bool add_row(std::uint32_t i, std::uint32_t stage, Stages::Set& to, Slots& slots) {
    const plan::Operation& op = plan_.operations[i];
    if (op.length != plan_.operations[to.products.front()].rows) return false;
    Stages::Row row{.operation = i, .value = op.out};
    for (std::size_t s = 0; s < op.in.size(); ++s) {
      if (op.in[s] == kNoValue) continue;
      const auto slot = slot_of(op.in[s], stage, to, slots);
      if (!slot) return false;
      row.in[s] = *slot;
    }
    if (op.kind != Kind::kStore) {
      row.out = slots.count++;
      slots.of[op.out] = row.out;
    }
    to.rows.push_back(row);
    stage_of_[i] = stage;
    return slots.count < 32;
  }

  std::optional<std::uint8_t> slot_of(Value value, std::uint32_t stage, Stages::Set& to,
                                      Slots& slots) {
    const auto known = slots.of.find(value);
    if (known != slots.of.end()) return known->second;
    const Info& info = info_[value];
    if (info.what == What::kFree) {
      if (!add_row(plan_.values[value].operation, stage, to, slots)) return std::nullopt;
      return slots.of.at(value);
    }
    if (!is_given(value) && !is_owned_before(value, stage)) return std::nullopt;
    if (info.length < plan_.operations[to.products.front()].rows) return std::nullopt;
    read(value, stage);
    to.loads.push_back({value, slots.count});
    return slots.of[value] = slots.count++;
  }

  // Behind the wait for others with which the stage begins.
  void read(Value value, std::uint32_t stage) {
    if (info_[value].what == What::kOwned) {
      out_.published[value].is = true;
    } else if (op_of(value).kind == Kind::kLoad) {
      loads_.push_back({plan_.values[value].operation, stage});
    }
  }

  bool take(std::uint32_t i, std::uint32_t stage) {
    if (stage_of_[i] != Stages::kNone && stage_of_[i] != stage) return false;
    stage_of_[i] = stage;
    return true;
  }

  // From the products' vectors backwards to what they begin with.
  bool match_whole(std::uint32_t k) {
    Stages::Stage& stage = out_.stages[k];
    Stages::Whole& whole = stage.whole;
    Value x = kNoValue;
    std::uint32_t length = 0;
    for (const Stages::Set& each : stage.sets) {
      for (const std::uint32_t p : each.products) {
        const plan::Operation& product = plan_.operations[p];
        const std::uint32_t quantise = plan_.values[product.in[0]].operation;
        const plan::Operation& q = plan_.operations[quantise];
        if (q.kind != Kind::kQuantise || product.scale != product.in[0]) return false;
        if (product.length != q.length) return false;
        length = q.length;
        if (std::ranges::any_of(whole.chains, [&](auto& c) { return c.quantise == quantise; })) {
          continue;
        }
        if (whole.chains.size() == kMostChains || !take(quantise, k)) return false;
        Stages::Chain chain{.quantise = quantise};
        Value from = q.in[0];
        if (info_[from].what == What::kWhole && op_of(from).kind == Kind::kNorm &&
            is_given(op_of(from).in[1])) {
          chain.norm = plan_.values[from].operation;
          if (!take(chain.norm, k)) return false;
          from = op_of(from).in[0];
        }
        if (!whole.chains.empty() && (x != from || (chain.norm == Stages::kNone) !=
                                                       (whole.chains[0].norm == Stages::kNone))) {
          return false;
        }
        x = from;
        whole.chains.push_back(chain);
      }
    }
    return match_beginning(k, x) && finish_whole(k, length);
  }

  bool match_beginning(std::uint32_t k, Value x) {
    Stages::Whole& whole = out_.stages[k].whole;
    const auto is_whole = [&](Value value, Kind kind) {
      return value != kNoValue && info_[value].what == What::kWhole && op_of(value).kind == kind;
    };
    if (is_whole(x, Kind::kNorm) && is_given(op_of(x).in[1])) {
      whole.norm = plan_.values[x].operation;
      if (!take(whole.norm, k)) return false;
      x = op_of(x).in[0];
    }
    if (is_whole(x, Kind::kNorm)) {
      const plan::Operation& op = op_of(x);
      if (op.before != kNoValue || !is_owned_before(op.in[0], k)) return false;
      whole.b = op.in[0];
      whole.join = plan_.values[x].operation;
      x = op.in[1];
    } else if (is_whole(x, Kind::kElementwise) && op_of(x).opcode == Opcode::kMul) {
      const plan::Operation& op = op_of(x);
      const std::size_t lifted = info_[op.in[0]].what == What::kWhole ? 0 : 1;
      whole.b = op.in[1 - lifted];
      if (!is_owned_before(whole.b, k) && !is_given(whole.b)) return false;
      whole.join = plan_.values[x].operation;
      x = op.in[lifted];
    }
    if (whole.join != Stages::kNone && !take(whole.join, k)) return false;
    if (is_whole(x, Kind::kLift)) {
      whole.lift = plan_.values[x].operation;
      if (!is_given(op_of(x).in[1]) || !take(whole.lift, k)) return false;
      x = op_of(x).in[0];
      if (!is_owned_before(x, k)) return false;
    }
    whole.a = x;
    return is_owned_before(x, k) || is_given(x);
  }

  // Lengths, what is read, and what the owners of a and b have to find out.
  bool finish_whole(std::uint32_t k, std::uint32_t length) {
    const Stages::Whole& whole = out_.stages[k].whole;
    std::vector<std::uint32_t> norms;
    for (const Stages::Chain& chain : whole.chains) {
      if (chain.norm != Stages::kNone) norms.push_back(chain.norm);
    }
    if (whole.norm != Stages::kNone) norms.push_back(whole.norm);
    const Value lifted = whole.lift == Stages::kNone ? kNoValue : plan_.operations[whole.lift].out;
    std::vector<std::uint32_t> weighted = norms;
    if (whole.lift != Stages::kNone) weighted.push_back(whole.lift);
    for (const std::uint32_t i : norms) {
      const Value before = plan_.operations[i].before;
      if (before != kNoValue && before != lifted) return false;
    }
    for (const std::uint32_t i : weighted) {
      const plan::Operation& op = plan_.operations[i];
      if (op.length != length || info_[op.in[1]].length < length) return false;
      read(op.in[1], k);
    }
    if (whole.join != Stages::kNone && plan_.operations[whole.join].length != length) return false;
    for (const Value value : {whole.a, whole.b}) {
      if (value == kNoValue) continue;
      if (info_[value].length < length) return false;
      read(value, k);
    }
    if (whole.lift != Stages::kNone && !find_out(whole.a, length, &Stages::Published::amax))
      return false;
    if (whole.join != Stages::kNone && plan_.operations[whole.join].kind == Kind::kNorm) {
      return find_out(whole.b, length, &Stages::Published::squares);
    }
    // Else every block adds up its squares itself.
    if (whole.lift == Stages::kNone && whole.join == Stages::kNone) {
      find_out(whole.a, length, &Stages::Published::squares);
    }
    return true;
  }

  // By the owners of its rows, all of which it needs.
  bool find_out(Value value, std::uint32_t length, std::uint32_t Stages::Published::*cell) {
    const Info& info = info_[value];
    if (info.what != What::kOwned || info.length != length) return false;
    if (out_.stages[info.stage].sets.size() != 1) return false;
    std::uint32_t& at = out_.published[value].*cell;
    if (at == Stages::kNone) at = out_.cells++;
    return true;
  }

  // Lists, and what stores them: a stage behind all products.
  bool make_tail() {
    Stages::Stage tail;
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const plan::Operation& op = plan_.operations[i];
      const bool stores = op.kind == Kind::kStore && info_[op.in[0]].what == What::kList;
      if (op.kind != Kind::kTop && !stores) continue;
      if (!stores) {
        if (!is_owned_before(op.in[0], stage_count_)) return false;
        if (op.in[0] != kNoValue && info_[op.in[0]].length < op.length) return false;
        read(op.in[0], stage_count_);
        out_.published[op.out].is = true;
      } else {
        stores_.push_back({i, stage_count_, Stages::kNone});
      }
      stage_of_[i] = stage_count_;
      tail.tail.push_back(i);
    }
    if (!tail.tail.empty()) out_.stages.push_back(std::move(tail));
    return true;
  }

  // Is every operation in a stage, and what it needs of whole vectors in the same one?
  bool all_there() const {
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      const plan::Operation& op = plan_.operations[i];
      if (op.kind == Kind::kConstant || op.kind == Kind::kLoad) continue;
      if (stage_of_[i] == Stages::kNone) return false;
      for (const Value value : op.needs()) {
        if (value == kNoValue || info_[value].what != What::kWhole) continue;
        if (stage_of_[plan_.values[value].operation] != stage_of_[i]) return false;
      }
    }
    return true;
  }

  // Loads move to where they are needed, and stores to the rows' owners: does memory still have
  // what each of them finds in the program's order?
  bool memory_in_order() const {
    for (const Store& store : stores_) {
      const plan::Operation& s = plan_.operations[store.operation];
      for (const Store& other : stores_) {
        if (other.operation < store.operation &&
            conflict(plan_, s, plan_.operations[other.operation])) {
          return false;
        }
      }
      for (const Use& load : loads_) {
        const plan::Operation& l = plan_.operations[load.operation];
        if (!conflict(plan_, s, l)) continue;
        if (store.operation < load.operation) {
          if (store.stage >= load.stage) return false;
          continue;
        }
        if (load.stage < store.stage) continue;
        if (load.stage > store.stage || store.set == Stages::kNone) return false;
        // Of one stage: the same rows' words, which their owner loads first.
        if (s.segment != l.segment || s.lines.first != l.lines.first || l.opcode == Opcode::kEmb) {
          return false;
        }
        const Stages::Stage& stage = out_.stages[store.stage];
        const std::size_t own = set_at_[store.stage].at(find_set(store.set));
        for (std::size_t n = 0; n < stage.sets.size(); ++n) {
          const bool loads = std::ranges::any_of(stage.sets[n].loads, [&](const auto& each) {
            return plan_.values[each.value].operation == load.operation;
          });
          if (loads != (n == own)) return false;
        }
        const auto is = [&](Value value) {
          return value != kNoValue && plan_.values[value].operation == load.operation;
        };
        const Stages::Whole& whole = stage.whole;
        if (is(whole.a) || is(whole.b)) return false;
        for (const Stages::Chain& chain : whole.chains) {
          if (chain.norm != Stages::kNone && is(plan_.operations[chain.norm].in[1])) return false;
        }
        for (const std::uint32_t i : {whole.norm, whole.lift}) {
          if (i != Stages::kNone && is(plan_.operations[i].in[1])) return false;
        }
      }
    }
    return true;
  }

  // Published values, and products that are: what a stage reads none of its blocks overwrites.
  void find_room() {
    for (Stages::Stage& stage : out_.stages) {
      for (Stages::Set& each : stage.sets) {
        for (std::size_t p = 0; p < each.products.size(); ++p) {
          const Value value = plan_.operations[each.products[p]].out;
          const bool is_needed = std::ranges::any_of(
              each.rows, [&](const auto& row) { return std::ranges::count(row.in, p) != 0; });
          if (is_needed && !out_.published[value].is) continue;
          Stages::Row row{.value = value};
          row.in[0] = static_cast<std::uint8_t>(p);
          each.rows.push_back(row);
        }
        find_levels(each);
      }
    }
    std::vector<plan::Phase> phases(out_.stages.size(), {PhaseKind::kProducts, {}});
    for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
      if (stage_of_[i] != Stages::kNone) phases[stage_of_[i]].operations.push_back(i);
    }
    std::vector<bool> elsewhere;
    for (const Stages::Published& each : out_.published) elsewhere.push_back(!each.is);
    const plan::Buffers buffers = plan::assign_buffers(plan_, phases, elsewhere);
    std::vector<std::size_t> first;
    for (const std::size_t words : buffers.words) {
      first.push_back(out_.published_bytes);
      out_.published_bytes += 4 * words;
    }
    for (Value value = 0; value < plan_.values.size(); ++value) {
      if (buffers.of_value[value] != plan::kNoBuffer) {
        out_.published[value].offset = first[buffers.of_value[value]];
      }
    }
  }

  static void find_levels(Stages::Set& set) {
    std::map<std::uint8_t, std::uint8_t> made_at;  // slots
    for (Stages::Row& row : set.rows) {
      for (const std::uint8_t slot : row.in) {
        const auto made = made_at.find(slot);
        if (made != made_at.end()) row.level = std::max<std::uint8_t>(row.level, made->second + 1);
      }
      if (row.out != RowCode::kNothing) made_at[row.out] = row.level;
    }
    std::ranges::stable_sort(set.rows, {}, &Stages::Row::level);
  }

  struct Use {
    std::uint32_t operation, stage;
  };
  struct Store {
    std::uint32_t operation, stage, set;
  };

  const plan::Plan& plan_;
  std::uint32_t stage_count_ = 0;
  std::vector<Info> info_;                    // by value
  std::vector<std::uint32_t> product_stage_;  // by operation
  std::vector<std::uint32_t> set_of_;         // by product: another one of its set; union-find
  std::vector<std::uint32_t> stage_of_;       // by operation: where it runs
  std::vector<std::map<std::uint32_t, std::size_t>> set_at_;
  std::vector<Use> loads_;
  std::vector<Store> stores_;
  Stages out_;
};

}  // namespace

std::optional<Stages> plan_stages(const plan::Plan& plan, std::span<const plan::Phase> phases) {
  return Planner(plan, phases).run();
}

}  // namespace sterna::cuda
