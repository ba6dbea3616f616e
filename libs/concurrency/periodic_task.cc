// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/periodic_task.h"

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace shodan {

struct PeriodicTask::Impl {
  Impl(std::chrono::milliseconds pause, std::function<void()> function)
      : interval(pause), run(std::move(function)), random(std::random_device()()) {}

  void Loop() {
    do {
      run();
    } while (Pause());
  }

  // False when the task is to stop.
  bool Pause() {
    std::uniform_real_distribution<double> factor(0.8, 1.2);
    const std::chrono::duration<double, std::milli> pause = interval * factor(random);
    std::unique_lock lock(mutex);
    changed.wait_for(lock, pause, [this] { return stopping || woken; });
    woken = false;
    return !stopping;
  }

  const std::chrono::milliseconds interval;
  const std::function<void()> run;
  std::mt19937 random;
  std::mutex mutex;  // guards the two flags
  std::condition_variable changed;
  bool stopping = false;
  bool woken = false;
  std::thread thread;
};

PeriodicTask::PeriodicTask(std::chrono::milliseconds interval, std::function<void()> run)
    : impl_(std::make_unique<Impl>(interval, std::move(run))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

PeriodicTask::~PeriodicTask() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_one();
  impl_->thread.join();
}

void PeriodicTask::Wake() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->woken = true;
  }
  impl_->changed.notify_one();
}

}  // namespace shodan
