// SPDX-License-Identifier: Apache-2.0
// Dense products by cuBLAS, in bfloat16 and in int8, and what times them and ours alike.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace sterna::bench {

void check(cudaError_t status);
void check(cublasStatus_t status);

// Memory of the GPU, from the host's.
class Bytes {
 public:
  explicit Bytes(std::size_t bytes);
  Bytes(Bytes&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Bytes& operator=(Bytes&&) = delete;
  ~Bytes() { cudaFree(data_); }
  template <typename T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  void* data_ = nullptr;
};
template <typename T>
Bytes on_gpu(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  check(
      cudaMemcpy(bytes.as<T>(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  return bytes;
}

// A small whole number as bfloat16: exact.
std::uint16_t bfloat16(int value);

class Cublas {
 public:
  Cublas();
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  int version() const;
  // out[column][row] = the sum over k of w[row][k] x[column][k].
  void multiply(const std::uint16_t* w, const std::uint16_t* x, float* out, int rows, int k,
                int columns);
  void multiply(const std::int8_t* w, const std::int8_t* x, std::int32_t* out, int rows, int k,
                int columns);
  // The same with bfloat16 out, for layers behind each other.
  void multiply(const std::uint16_t* w, const std::uint16_t* x, std::uint16_t* out, int rows, int k,
                int columns);
  // What `work` has cuBLAS do, as a graph: started at once, as ours is, not product by product.
  std::function<void()> recorded(const std::function<void()>& work);

 private:
  cublasHandle_t handle_ = nullptr;
  cudaStream_t stream_ = nullptr;  // which waits for the default one, and that one for it
};

// Microseconds on the GPU of all that `work` starts.
double time_of(const std::function<void()>& work);
// Medians of `turns` turns of all works in turn, after one that does not count.
std::vector<double> medians(const std::vector<std::function<void()>>& works, unsigned turns);
// Bytes a microsecond that copying within the GPU reads and writes: what its memory carries.
double copy_bandwidth();

}  // namespace sterna::bench
