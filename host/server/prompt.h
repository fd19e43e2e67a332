// SPDX-License-Identifier: Apache-2.0
// The tokens that an answer goes on from.
#pragma once

#include <cstdint>
#include <vector>

#include "host/model/config.h"
#include "host/model/tokenizer.h"
#include "host/server/request.h"

namespace sterna::server {

// Throws ApiError, naming the field, for a prompt without tokens, with more than `most` or one
// beyond the vocabulary, and for text where the model has none.
std::vector<std::uint32_t> prompt_tokens(const Prompt& prompt, const model::Tokenizer& tokenizer,
                                         const model::ModelConfig& config, std::uint64_t most);

// The messages as `sterna run` has a conversation on a terminal: no roles and no template, for the
// model is a plain language model. What stands around every prompt stands around the first message
// alone; an answer follows its line directly, and another line begins on a line of its own. So
// answers that are sent back as they came give the tokens of that conversation.
std::vector<std::uint32_t> chat_tokens(const std::vector<Message>& messages,
                                       const model::Tokenizer& tokenizer,
                                       const model::ModelConfig& config, std::uint64_t most);

// The text of tokens, as an answer has it. Throws ApiError for one that is none.
std::string text_of(const std::vector<std::uint32_t>& tokens, const model::Tokenizer& tokenizer,
                    const model::ModelConfig& config);

}  // namespace sterna::server
