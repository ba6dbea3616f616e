// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/worker_pool.h"

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace shodan {

struct WorkerPool::Impl {
  explicit Impl(size_t job_capacity) : capacity(job_capacity) {}

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || !queue.empty(); }

  void RunJobs() {
    while (true) {
      std::function<void()> job;
      {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(this, &Impl::HasWork));
        if (queue.empty()) return;
        job = std::move(queue.front());
        queue.pop_front();
        ++running;
      }
      job();
      job = nullptr;  // what it captured goes before its place is free
      absl::MutexLock lock(&mutex);
      --running;
    }
  }

  const size_t capacity;  // jobs running and waiting
  absl::Mutex mutex;
  std::deque<std::function<void()>> queue ABSL_GUARDED_BY(mutex);
  size_t running ABSL_GUARDED_BY(mutex) = 0;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
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
    absl::MutexLock lock(&impl_->mutex);
    impl_->stopping = true;
  }
  for (std::thread& thread : impl_->threads) thread.join();
}

bool WorkerPool::TrySubmit(std::function<void()> job) {
  absl::MutexLock lock(&impl_->mutex);
  if (impl_->stopping || impl_->queue.size() + impl_->running >= impl_->capacity) return false;
  impl_->queue.push_back(std::move(job));
  return true;
}

}  // namespace shodan
