// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/periodic_task.h"

#include <random>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace shodan {

struct PeriodicTask::Impl {
  Impl(std::chrono::milliseconds pause, std::function<void()> function)
      : interval(absl::FromChrono(pause)),
        run(std::move(function)),
        random(std::random_device()()) {}

  bool PauseEnds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || woken; }

  void Loop() {
    std::uniform_real_distribution<double> factor(0.8, 1.2);
    while (true) {
      run();
      absl::MutexLock lock(&mutex);
      mutex.AwaitWithTimeout(absl::Condition(this, &Impl::PauseEnds), interval * factor(random));
      if (stopping) return;
      woken = false;
    }
  }

  const absl::Duration interval;
  const std::function<void()> run;
  std::mt19937 random;
  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool woken ABSL_GUARDED_BY(mutex) = false;
  std::thread thread;
};

PeriodicTask::PeriodicTask(std::chrono::milliseconds interval, std::function<void()> run)
    : impl_(std::make_unique<Impl>(interval, std::move(run))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

PeriodicTask::~PeriodicTask() {
  {
    absl::MutexLock lock(&impl_->mutex);
    impl_->stopping = true;
  }
  impl_->thread.join();
}

void PeriodicTask::Wake() {
  absl::MutexLock lock(&impl_->mutex);
  impl_->woken = true;
}

}  // namespace shodan
