// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace shodan {

struct WorkerPool::Impl {
  explicit Impl(size_t job_capacity) : capacity(job_capacity) {}

  void RunJobs() {
    while (std::function<void()> job = TakeJob()) {
      job();
      job = nullptr;  // what it captured goes before its place is free
      const std::lock_guard lock(mutex);
      --running;
    }
  }

  // Waits for a job; an empty one when the pool is stopping and nothing is queued any more.
  std::function<void()> TakeJob() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || !queue.empty(); });
    if (queue.empty()) return nullptr;
    std::function<void()> job = std::move(queue.front());
    queue.pop_front();
    ++running;
    return job;
  }

  const size_t capacity;  // jobs running and waiting
  std::mutex mutex;       // guards the four below
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;
  size_t running = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(int threads, int max_queued)
    : impl_(
          std::make_unique<Impl>(static_cast<size_t>(threads) + static_cast<size_t>(max_queued))) {
  for (int i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->RunJobs(); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

bool WorkerPool::TrySubmit(std::function<void()> job) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->queue.size() + impl_->running >= impl_->capacity) return false;
    impl_->queue.push_back(std::move(job));
  }
  impl_->changed.notify_one();
  return true;
}

}  // namespace shodan
