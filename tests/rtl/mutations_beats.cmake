# SPDX-License-Identifier: Apache-2.0
# Faults in what a step of two beats adds where the last step of a row takes one: in mutant.f, but not in lanes, whose rows
# are whole lines of four beats. And in what wide words add: a word of lanes has four elements. See mutations.cmake.

# The channel's two banks.
mutation(beats_written_to_one_bank memory/sterna_weight_banks.sv
  [=[write_q[0] == 1'(b)]=]
  [=[write_q[0] == 1'b0]=])
mutation(odd_beat_leaves_the_bank_to_be_read memory/sterna_weight_banks.sv
  [=[bank_q ^ (BeatsPerStep == 2 && pop && !pop_two_far)]=]
  [=[bank_q]=])
mutation(second_beat_stays memory/sterna_weight_banks.sv
  [=[pop && (pop_two_far || bank_q == 1'(b))]=]
  [=[pop && bank_q == 1'(b)]=])
mutation(beats_swapped memory/sterna_weight_banks.sv
  [=[odd_q ? {words[Width-1:0], words[2*Width-1:Width]} : words]=]
  [=[words]=])
mutation(beats_in_the_order_of_a_cycle_later memory/sterna_weight_banks.sv
  [=[odd_q ? {words[Width-1:0], words[2*Width-1:Width]} : words]=]
  [=[bank_q ? {words[Width-1:0], words[2*Width-1:Width]} : words]=])

# Steps, and the lanes' two banks of activations.
mutation(last_step_takes_two_of_one units/sterna_ternary_matmul.sv
  [=[left > WordBits'(b)]=]
  [=[1'b1]=])
mutation(error_of_the_beat_after_the_last units/sterna_ternary_matmul.sv
  [=[error_i & beats_past_q[DataCycles-1]]=]
  [=[error_i]=])
mutation(odd_row_ends_in_what_was_there units/sterna_ternary_lane.sv
  [=[b != 0 && control.step_one]=]
  [=[1'b0]=])
mutation(odd_block_ends_in_what_was_there units/sterna_ternary_matmul.sv
  [=[!beats_past_q[BlockCycles-1][BeatsPerStep-1]]=]
  [=[1'b0]=])
mutation(sum_of_the_second_beat_without_sign units/sterna_ternary_lane.sv
  [=[14'h2000 ^ {14{sums[Last+15]}}]=]
  [=[14'h2000]=])

# The top list's candidates: among fours of elements.
mutation(top_of_a_later_group units/sterna_topk.sv
  [=[ElemBits'(GroupElems * (g - 1))]=]
  [=[ElemBits'(0)]=])

# Several chains, which beats of 256 bits have.
mutation(quad_sign_of_a_chain units/sterna_quad_dot.sv
  [=[{{c1[11], c1} ^ {13{minus1}}, minus1}]=]
  [=[{{c1[11], c1} ^ {13{minus1}}, 1'b0}]=])
