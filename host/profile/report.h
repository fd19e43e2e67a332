// SPDX-License-Identifier: Apache-2.0
// One self-contained HTML page about a run: the roofline, the timeline in short, the counters, the
// configuration.
#pragma once

#include <string>

#include "host/profile/profile.h"
#include "host/profile/timeline.h"

namespace sterna::profile {

struct ReportText {
  std::string title;    // what ran: the model and the device
  std::string command;  // that makes this page again
};

std::string html_report(const Profile& profile, const Timeline& timeline, const ReportText& text);

}  // namespace sterna::profile
