// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/generator.h"

#include <algorithm>
#include <optional>

#include "support/error.h"

namespace sterna {
namespace {

// A sequence that has a lane.
struct Active {
  std::size_t request = 0;
  std::uint32_t next = 0;  // the token that it reads in the next pass
  std::uint64_t generated = 0;
  Sampler sampler;
};

class Generator {
 public:
  Generator(Stepper& stepper, std::span<const Request> requests, const GeneratorEvents& events)
      : stepper_(stepper), requests_(requests), events_(events), lanes_(stepper.lanes()) {}

  void run() {
    for (;;) {
      admit();
      std::vector<LaneToken> tokens;
      for (unsigned lane = 0; lane < lanes_.size(); ++lane) {
        if (lanes_[lane]) tokens.push_back({lane, lanes_[lane]->next});
      }
      if (tokens.empty()) return;
      const Head head = needed_head();
      stepper_.step(tokens, head);
      passed(tokens.size());
      for (const LaneToken& t : tokens) advance(t.lane, head);
    }
  }

 private:
  // Gives free lanes the next requests, and reads their prompts up to the last token.
  void admit() {
    for (unsigned lane = 0; lane < lanes_.size() && next_ < requests_.size(); ++lane) {
      if (lanes_[lane]) continue;
      const std::size_t request = next_++;
      const Request& r = requests_[request];
      if (!r.goes_on) stepper_.reset(lane);
      read(lane, request, std::span(r.prompt).first(r.prompt.size() - 1));
      lanes_[lane] = Active{request, r.prompt.back(), 0, Sampler(r.sampler)};
    }
  }

  // As many positions of the prompt at once as there are lanes.
  void read(unsigned lane, std::size_t request, std::span<const std::uint32_t> tokens) {
    const Head head = events_.logits ? Head::kLogits : Head::kNone;
    while (!tokens.empty()) {
      const std::size_t count = std::min(tokens.size(), lanes_.size());
      stepper_.prefill(lane, tokens.first(count), head);
      passed(count);
      if (events_.logits) {
        for (unsigned p = 0; p < count; ++p) events_.logits(request, stepper_.logits(p));
      }
      tokens = tokens.subspan(count);
    }
  }

  void passed(std::uint64_t positions) {
    if (events_.pass) events_.pass(positions, stepper_.counters());
  }

  Head needed_head() const {
    if (events_.logits) return Head::kLogits;
    Head head = Head::kNone;
    for (const auto& active : lanes_) {
      if (!active || requests_[active->request].count == 0) continue;
      if (active->sampler.needs_all_logits()) return Head::kLogits;
      head = Head::kTop;
    }
    return head;
  }

  void advance(unsigned lane, Head head) {
    Active& active = *lanes_[lane];
    const std::size_t request = active.request;
    if (events_.logits) events_.logits(request, stepper_.logits(lane));
    bool finished = requests_[request].count == 0;
    if (!finished) {
      active.next = head == Head::kLogits ? active.sampler.choose(stepper_.logits(lane))
                                          : active.sampler.choose(stepper_.top(lane));
      if (events_.token) events_.token(request, active.next);
      finished = ++active.generated == requests_[request].count ||
                 (events_.ends && events_.ends(active.next));
    }
    if (!finished) return;
    lanes_[lane].reset();
    if (events_.finished) events_.finished(request);
  }

  Stepper& stepper_;
  std::span<const Request> requests_;
  const GeneratorEvents& events_;
  std::vector<std::optional<Active>> lanes_;
  std::size_t next_ = 0;  // the first request without a lane
};

}  // namespace

void generate(Stepper& stepper, std::span<const Request> requests, const GeneratorEvents& events) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].prompt.empty()) throw Error("request {}: the prompt has no tokens", i);
  }
  Generator(stepper, requests, events).run();
}

}  // namespace sterna
