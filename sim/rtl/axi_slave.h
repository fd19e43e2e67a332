// SPDX-License-Identifier: Apache-2.0
// The slave side of an AXI4 port: keeps the protocol and checks the master against it. When data
// moves and where it lies is up to derived classes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sim/rtl/pins.h"

namespace sterna::rtl {

// AXI leaves a slave free to accept a write's address or its data first, and to raise ready before
// or after valid; a master must work with each.
enum class AxiWriteOrder : std::uint8_t {
  kAddressFirst,    // no data before its address is accepted
  kDataFirst,       // no address before a beat of its data is offered
  kWholeDataFirst,  // no address before all its data is accepted
  kAny,
};
struct AxiSlaveBehaviour {
  AxiWriteOrder write_order = AxiWriteOrder::kAddressFirst;
  bool ready_waits = false;  // no ready before its valid
};

// Responses are in order within an ID. clock() throws Error, with the cycle, when the master breaks
// a rule of AXI4 or one of ours: a valid that falls or a payload that changes before its ready, a
// burst that is not INCR of whole aligned beats or that crosses 4 KiB, a wlast at the wrong beat.
class AxiSlave {
 public:
  // `beat_bytes`: width of the data channels; throws Error when it is not a power of two up to
  // kMaxBeatBytes. `name`: the port, for errors.
  explicit AxiSlave(unsigned beat_bytes, std::string name = "axi",
                    const AxiSlaveBehaviour& behaviour = {});
  virtual ~AxiSlave() = default;

  // After a rising edge: `pins` holds both sides as they were at that edge; the memory's side is
  // set for the next.
  void clock(AxiPins& pins);

  // No transaction is outstanding.
  bool idle() const { return reads_.empty() && !writing(); }
  // A write is outstanding.
  bool writing() const { return !writes_.empty() || !early_.empty(); }

 protected:
  static constexpr std::size_t kMaxOutstanding =
      32;  // bursts a direction: what a DDR4 controller's queue may hold

  struct WriteBeat {
    bool valid = false, last = false;
    std::uint64_t strobe = 0;
    Beat data{};
  };
  struct Burst {
    std::uint64_t serial = 0;  // counts bursts of both directions
    std::uint32_t id = 0;
    std::uint64_t address = 0;
    unsigned beats = 0;
    unsigned done = 0;
    std::uint64_t ready_cycle = 0;  // for the derived class
    std::vector<WriteBeat> data{};  // of a write, until its response
    bool complete() const { return done == beats; }
  };

  // A burst was accepted, or its last write beat.
  virtual void read_accepted(Burst& burst) = 0;
  virtual void write_complete(Burst& burst) = 0;
  // May the next beat, or the response, become valid in this cycle?
  virtual bool read_due(const Burst& burst) const = 0;
  virtual bool write_due(const Burst& burst) const = 0;
  // The data of beat `burst.done`.
  virtual AxiResponse read_beat(const Burst& burst, Beat& data) = 0;
  // The response is issued: what was written can be read from now on.
  virtual AxiResponse finish_write(Burst& burst) = 0;
  // Keep a ready or a valid low in this cycle?
  virtual bool stall() { return false; }
  // May a due burst overtake older ones of other IDs, and is the n-th due one (from 1) to be served
  // rather than those before it?
  virtual bool may_overtake() const { return true; }
  virtual bool prefer(unsigned n) { return n == 1; }

  std::uint64_t cycle() const { return cycle_; }
  unsigned beat_bytes() const { return beat_bytes_; }

 private:
  void accept(const AxiAddress& request, bool ready, const AxiAddress& held, const char* name,
              std::deque<Burst>& queue);
  void take_write_beat(const WriteBeat& beat);
  void add_write_beat(Burst& burst, const WriteBeat& beat);
  void set_readies(AxiPins& pins);
  void respond_to_writes(AxiPins& pins);
  void drive_reads(AxiPins& pins);
  std::size_t pick(const std::deque<Burst>& queue, bool write);
  [[noreturn]] void broken(const std::string& rule) const;

  unsigned beat_bytes_;
  std::string name_;
  AxiSlaveBehaviour behaviour_;
  std::uint64_t cycle_ = 0;
  std::uint64_t next_serial_ = 0;
  std::deque<Burst> reads_;
  std::deque<Burst> writes_;     // complete ones wait for their response
  std::deque<WriteBeat> early_;  // data whose address has not been accepted

  // Valids and payloads without ready at the last edge; they must be the same at the next.
  AxiAddress held_aw_, held_ar_;
  WriteBeat held_w_;
};

}  // namespace sterna::rtl
