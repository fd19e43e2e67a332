// SPDX-License-Identifier: Apache-2.0
#include "host/profile/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace sterna::profile {
namespace {

constexpr double kWidth = 860;
constexpr std::array kColours = {"#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#76b7b2"};
static_assert(kColours.size() == kTracedUnits);

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string label(double x, double y, const std::string& text, const char* anchor = "start") {
  return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}'>{}</text>\n", x, y, anchor,
                     text);
}

// Both axes logarithmic, in decades.
class LogPlot {
 public:
  LogPlot(double x_from, double x_to, double y_from, double y_to)
      : x_from_(std::log10(x_from)),
        x_to_(std::log10(x_to)),
        y_from_(std::log10(y_from)),
        y_to_(std::log10(y_to)) {}

  double x(double value) const {
    return kLeft + (std::log10(value) - x_from_) / (x_to_ - x_from_) * (kWidth - kLeft - 20);
  }
  double y(double value) const {
    return kHeight - kBottom -
           (std::log10(value) - y_from_) / (y_to_ - y_from_) * (kHeight - kBottom - 20);
  }
  std::string line(double x1, double y1, double x2, double y2, const char* style) const {
    return fmt::format("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' {}/>\n", x(x1), y(y1),
                       x(x2), y(y2), style);
  }
  std::string grid() const {
    std::string out;
    for (int e = static_cast<int>(std::ceil(x_from_)); e <= x_to_; ++e) {
      const double power = std::pow(10, e);
      out += line(power, std::pow(10, y_from_), power, std::pow(10, y_to_), "stroke='#ddd'");
      out += label(x(power), kHeight - kBottom + 16, fmt::format("{:g}", power), "middle");
    }
    for (int e = static_cast<int>(std::ceil(y_from_)); e <= y_to_; ++e) {
      const double power = std::pow(10, e);
      out += line(std::pow(10, x_from_), power, std::pow(10, x_to_), power, "stroke='#ddd'");
      out += label(kLeft - 6, y(power) + 4, fmt::format("{:g}", power), "end");
    }
    return out;
  }

  static constexpr double kLeft = 70, kBottom = 44, kHeight = 380;

 private:
  double x_from_, x_to_, y_from_, y_to_;
};

std::string roofline(const Profile& p) {
  constexpr double kGiga = 1e-9;
  const double ridge = p.compute_peak() / p.memory_peak();
  const double from = std::min(p.intensity(), ridge) / 10, to = std::max(p.intensity(), ridge) * 10;
  const double top = kGiga * p.compute_peak() * 3;
  const double low = std::min(kGiga * p.achieved(), kGiga * p.memory_peak() * from) / 3;
  const LogPlot plot(from, to, low, top);
  std::string svg = fmt::format("<svg viewBox='0 0 {} {}' role='img'>\n", kWidth, LogPlot::kHeight);
  svg += plot.grid();
  const char* roof = "stroke='#333' stroke-width='2'";
  svg += plot.line(from, kGiga * p.memory_peak() * from, ridge, kGiga * p.compute_peak(), roof);
  svg += plot.line(ridge, kGiga * p.compute_peak(), to, kGiga * p.compute_peak(), roof);
  svg += label(plot.x(ridge) + 8, plot.y(kGiga * p.compute_peak()) - 8,
               fmt::format("{:.0f} GMAC/s: a step a cycle, lanes: {}", kGiga * p.compute_peak(),
                           p.machine.lanes));
  svg += label(plot.x(from) + 8, plot.y(kGiga * p.memory_peak() * from) - 14,
               fmt::format("{:.1f} GB/s: a beat a cycle, channels: {}", kGiga * p.memory_peak(),
                           p.machine.channels));
  svg += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='6' fill='#d62728'/>\n",
                     plot.x(p.intensity()), plot.y(kGiga * p.achieved()));
  svg += label(plot.x(p.intensity()) + 12, plot.y(kGiga * p.achieved()) + 18,
               fmt::format("this run: {:.1f} GMAC/s, {:.1f} % of the roof at {:.2f} MAC a byte",
                           kGiga * p.achieved(), 100 * p.achieved() / p.roof(), p.intensity()));
  svg += label(kWidth / 2, LogPlot::kHeight - 6, "ternary multiply-accumulates for each byte moved",
               "middle");
  svg += label(8, 14, "GMAC/s");
  return svg + "</svg>\n";
}

// For each of `buckets` equal slices of [begin, end): the share in which a unit has an instruction.
std::vector<double> busy_shares(const Timeline& timeline, unsigned unit, std::uint64_t begin,
                                std::uint64_t end, std::size_t buckets) {
  std::vector<double> share(buckets, 0);
  const double width = static_cast<double>(end - begin) / static_cast<double>(buckets);
  for (const Timeline::Span& span : timeline.spans()) {
    if (span.unit != unit) continue;
    const double from = static_cast<double>(span.begin - begin) / width,
                 to = static_cast<double>(span.end - begin) / width;
    for (std::size_t b = static_cast<std::size_t>(from); b < buckets && static_cast<double>(b) < to;
         ++b) {
      const double left = static_cast<double>(b);
      share[b] += std::min(to, left + 1) - std::max(from, left);
    }
  }
  return share;
}

std::vector<double> beat_shares(const Timeline& timeline, unsigned channel, std::uint64_t begin,
                                std::uint64_t end, std::size_t buckets) {
  std::vector<double> share(buckets, 0);
  const double width = static_cast<double>(end - begin) / static_cast<double>(buckets);
  for (const Timeline::Traffic& t : timeline.traffic()) {
    const std::uint64_t cycle = t.window * Timeline::kWindow;
    if (t.channel != channel || cycle < begin || cycle >= end) continue;
    const auto bucket = static_cast<std::size_t>(static_cast<double>(cycle - begin) / width);
    share[std::min(bucket, buckets - 1)] +=
        (t.read + t.written) / std::max(width, static_cast<double>(Timeline::kWindow));
  }
  return share;
}

std::string timeline_summary(const Profile& profile, const Timeline& timeline) {
  if (timeline.spans().empty()) return "<p>No instruction was recorded.</p>\n";
  std::uint64_t begin = timeline.spans().front().begin, end = 0;
  for (const Timeline::Span& span : timeline.spans()) {
    begin = std::min(begin, span.begin);
    end = std::max(end, span.end);
  }
  constexpr std::size_t kBuckets = 390;
  constexpr double kRow = 34, kLeft = 70;
  const unsigned rows = kTracedUnits + profile.machine.channels;
  std::string svg = fmt::format("<svg viewBox='0 0 {} {}' role='img'>\n", kWidth, kRow * rows + 20);
  const auto row = [&](unsigned r, const std::string& name, const char* colour,
                       const std::vector<double>& shares) {
    const double base = kRow * (r + 1);
    svg += label(kLeft - 8, base - 8, name, "end");
    svg += fmt::format("<path fill='{}' d='M{:.1f} {:.1f}", colour, kLeft, base);
    for (std::size_t b = 0; b < shares.size(); ++b) {
      svg += fmt::format("V{:.1f}h2", base - (kRow - 8) * std::min(1.0, shares[b]));
    }
    svg += fmt::format("V{:.1f}Z'/>\n", base);
  };
  for (unsigned u = 0; u < kTracedUnits; ++u) {
    row(u, std::string(kUnits[u].name), kColours[u],
        busy_shares(timeline, u, begin, end, kBuckets));
  }
  for (unsigned c = 0; c < profile.machine.channels; ++c) {
    row(kTracedUnits + c, fmt::format("channel {}", c), "#9c755f",
        beat_shares(timeline, c, begin, end, kBuckets));
  }
  svg += label(kLeft, kRow * rows + 14, fmt::format("cycle {}", begin));
  svg += label(kLeft + 2 * kBuckets, kRow * rows + 14, fmt::format("cycle {}", end), "end");
  return svg + "</svg>\n";
}

std::string configuration(const Capabilities& m) {
  const std::pair<const char*, std::uint32_t> rows[] = {
      {"memory channels", m.channels},
      {"lanes", m.lanes},
      {"beats of a channel in a step", m.beats_per_step},
      {"bits of a beat", m.beat_bits},
      {"elements of a vector register", m.vector_length},
      {"vector registers", m.registers},
      {"instructions of ROM", m.rom_depth},
      {"trees of an FFF layer (0: none)", m.fff},
      {"clock, kHz", m.clock_khz}};
  std::string table = "<table>\n";
  for (const auto& [name, value] : rows)
    table += fmt::format("<tr><td>{}</td><td class='n'>{}</td></tr>\n", name, value);
  return table + "</table>\n";
}

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 "
    "1em;color:#222}"
    "svg{width:100%;height:auto;font:12px "
    "system-ui,sans-serif}pre{background:#f6f6f6;padding:1em;overflow-x:auto;font-size:12px}"
    "td{padding:.1em 1.5em .1em 0}.n{text-align:right;font-variant-numeric:tabular-nums}";

}  // namespace

std::string html_report(const Profile& profile, const Timeline& timeline, const ReportText& text) {
  const double cycles =
      profile.cycles() / static_cast<double>(std::max<std::uint64_t>(1, profile.passes));
  return fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta "
      "charset='utf-8'><title>{0}</title><style>{1}</style></head><body>\n"
      "<h1>{0}</h1>\n<p>{2} positions in {3} passes over the weights, {4:.0f} cycles a pass: "
      "{5:.1f} tokens a second at {6:g} MHz. "
      "Cycles are those of the simulated RTL; the clock is the one that the configuration is meant "
      "for.</p>\n"
      "<h2>Roofline</h2>\n{7}<h2>Timeline</h2>\n<p>How busy each unit and each memory channel "
      "was.</p>\n{8}"
      "<h2>Counters</h2>\n<pre>{9}</pre>\n<h2>Configuration</h2>\n{10}<p><code>{11}</code></p>\n</"
      "body></html>\n",
      escaped(text.title), kStyle, profile.positions, profile.passes, cycles,
      static_cast<double>(profile.positions) / profile.seconds(), 1e-3 * profile.machine.clock_khz,
      roofline(profile), timeline_summary(profile, timeline), escaped(profile_table(profile)),
      configuration(profile.machine), escaped(text.command));
}

}  // namespace sterna::profile
