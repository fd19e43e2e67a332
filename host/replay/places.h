// SPDX-License-Identifier: Apache-2.0
// Where allocations of a device lie in golden's memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sterna::replay {

// An address in no allocation is the same in both.
class Places {
 public:
  void add(std::uint64_t device, std::uint64_t golden, std::uint64_t bytes) {
    places_.push_back({device, golden, bytes});
  }
  // Forgets the allocation at an address of the device; gives golden's.
  std::uint64_t remove(std::uint64_t device) {
    const auto place = std::ranges::find(places_, device, &Place::device);
    const std::uint64_t golden = place->golden;
    places_.erase(place);
    return golden;
  }
  std::uint64_t in_golden(std::uint64_t device) const {
    return translate(device, &Place::device, &Place::golden);
  }
  std::uint64_t in_device(std::uint64_t golden) const {
    return translate(golden, &Place::golden, &Place::device);
  }

 private:
  struct Place {
    std::uint64_t device = 0, golden = 0, bytes = 0;
  };
  std::uint64_t translate(std::uint64_t address, std::uint64_t Place::*from,
                          std::uint64_t Place::*to) const {
    for (const Place& place : places_) {
      if (address >= place.*from && address - place.*from < place.bytes) {
        return place.*to + (address - place.*from);
      }
    }
    return address;
  }
  std::vector<Place> places_;
};

}  // namespace sterna::replay
