// SPDX-License-Identifier: Apache-2.0
// The text of an answer as it may be sent: whole characters, and nothing of what ends it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sterna::server {

class AnswerText {
 public:
  // `stops`: texts that end the answer, none of them empty.
  explicit AnswerText(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // What may be sent now that these bytes have come. Held back are the beginning of a character,
  // and what may be that of a stop.
  std::string add(std::string_view bytes);

  // Has a stop come? Then all before the first one is sent, and nothing may come any more.
  bool stopped() const { return stopped_; }

  // The rest, when the answer ends without a stop.
  std::string finish() { return std::exchange(held_, {}); }

 private:
  std::size_t first_stop() const;
  std::size_t begun_stop() const;

  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace sterna::server
