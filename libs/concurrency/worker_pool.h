// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

namespace shodan {

/// A fixed number of threads behind a bounded queue. Thread-safe.
class WorkerPool {
 public:
  /// `max_queued` jobs may wait besides those running.
  WorkerPool(int threads, int max_queued);
  /// Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False, without running the job, when the queue is full or the pool is stopping. A job must not
  /// throw.
  bool TrySubmit(std::function<void()> job);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan
