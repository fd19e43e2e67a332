// SPDX-License-Identifier: Apache-2.0
// Damaged and hostile .safetensors: each case is refused with one line that names the fault.
#include "host/model/safetensors.h"

#include <cstring>

#include "tests/host/test_folder.h"

namespace sterna::model {
namespace {

std::vector<std::byte> file_of(const std::string& header, std::size_t data,
                               std::uint64_t claimed_length) {
  std::vector<std::byte> bytes(8 + header.size() + data);
  std::memcpy(bytes.data(), &claimed_length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data; ++i) bytes[8 + header.size() + i] = static_cast<std::byte>(i);
  return bytes;
}
std::vector<std::byte> file_of(const std::string& header, std::size_t data) {
  return file_of(header, data, header.size());
}
std::string error_for(const std::vector<std::byte>& bytes) {
  return error_of([&] { parse_safetensors(bytes, "file"); });
}

TEST(Safetensors, ReadsTensorsByName) {
  const auto bytes = file_of(R"({"__metadata__":{"format":"pt"},)"
                             R"("b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},)"
                             R"("a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
                             R"("none":{"dtype":"F16","shape":[0,7],"data_offsets":[12,12]}}   )",
                             12);
  const auto tensors = parse_safetensors(bytes, "file");
  ASSERT_EQ(tensors.size(), 3u);
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_EQ(tensors[0].dtype->dtype, Dtype::kBF16);
  EXPECT_EQ(tensors[0].data.size(), 4u);
  EXPECT_EQ(std::to_integer<int>(tensors[1].data[0]), 4);
  EXPECT_EQ(tensors[1].shape, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_TRUE(tensors[2].data.empty());
}

struct Fault {
  const char* name;
  std::string header;
  std::size_t data;
  const char* message;
};
class SafetensorsFault : public testing::TestWithParam<Fault> {};

TEST_P(SafetensorsFault, IsRefused) {
  expect_error(error_for(file_of(GetParam().header, GetParam().data)), GetParam().message);
}

std::string one(const std::string& fields) { return R"({"t":{)" + fields + "}}"; }

INSTANTIATE_TEST_SUITE_P(
    Headers, SafetensorsFault,
    testing::Values(
        Fault{"Empty", "", 0, "nothing in it"},
        Fault{"NoJson", "{\"a\":", 0, "header: not JSON: line 1"},
        Fault{"Array", "[]", 0, "not a JSON object"}, Fault{"Number", "7", 0, "not a JSON object"},
        Fault{"Utf8", "{\"\xff\":1}", 0, "UTF-8"},
        Fault{"Huge", "{\"a\":1e999}", 0, "not JSON: number overflow"},
        Fault{"Deep", "{\"a\":" + std::string(200000, '['), 0, "nested deeper"},
        Fault{"Entry", R"({"t":3})", 0, "not an object"},
        Fault{"Dtype", one(R"("shape":[1],"data_offsets":[0,4])"), 4, "\"dtype\" is missing"},
        Fault{"DtypeType", one(R"("dtype":4,"shape":[1],"data_offsets":[0,4])"), 4,
              "\"dtype\" is not a string"},
        Fault{"UnknownDtype", one(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])"), 4,
              "unknown dtype F31"},
        Fault{"NoShape", one(R"("dtype":"F32","data_offsets":[0,4])"), 4, "\"shape\" is missing"},
        Fault{"NegativeShape", one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), 4,
              "no size"},
        Fault{"FractionalShape", one(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), 4,
              "no size"},
        Fault{"ManyDimensions",
              one(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4])"), 4,
              "at most 8"},
        Fault{"Overflow",
              one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4])"), 4,
              "larger than any file"},
        Fault{"OverflowOfBytes",
              one(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])"), 4,
              "larger than any file"},
        Fault{"Offsets", one(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), 4, "pair"},
        Fault{"NegativeOffset", one(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])"), 4,
              "pair"},
        Fault{"Reversed", one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), 4, "leave"},
        Fault{"Beyond", one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), 4, "leave"},
        Fault{
            "FarBeyond",
            one(R"("dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615])"),
            4, "leave"},
        Fault{"Mismatch", one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), 4,
              "takes 8 bytes"},
        Fault{"Twice",
              R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
              R"("t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
              2, "stands there twice"},
        Fault{"TwiceInside", one(R"("dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1])"),
              1, "stands there twice"},
        Fault{"Overlap",
              R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
              R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
              4, "overlaps"},
        Fault{"Hole",
              R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
              R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
              3, "belong to no tensor"},
        Fault{"Tail", one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])"), 3,
              "2 bytes at the end"}),
    [](const auto& test) { return test.param.name; });

TEST(Safetensors, RefusesHeaderLengthsBeyondTheFile) {
  for (const std::uint64_t length : {~std::uint64_t{0}, ~std::uint64_t{0} - 7,
                                     std::uint64_t{1} << 63, std::uint64_t{100'000'001}}) {
    expect_error(error_for(file_of("{}", 0, length)), "more than the");
  }
  expect_error(error_for(file_of("{}", 0, 3)), "truncated");
  expect_error(error_for(std::vector<std::byte>(7)), "too few");
  expect_error(error_for({}), "not a safetensors file: an empty file");
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto bytes = file_of(one(R"("dtype":"F32","shape":[4],"data_offsets":[0,16])"), 16);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(error_for({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "")
        << size;
  }
  EXPECT_EQ(error_for(bytes), "");
}

TEST(Safetensors, KeepsControlCharactersOutOfMessages) {
  const auto bytes =
      file_of(R"({"a\nb\u001b[31m":{"dtype":"F32","shape":[1],"data_offsets":[0,1]}})", 1);
  expect_error(error_for(bytes), R"(a\x0ab\x1b[31m)");
}

}  // namespace
}  // namespace sterna::model
