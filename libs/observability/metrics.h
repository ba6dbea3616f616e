// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace shodan {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Prometheus metrics of one process. Names follow Prometheus' conventions
/// (shodan_<service>_<what>_total, …_seconds); label values come from closed lists, never from
/// users. Using one name for two kinds of metric, or a name or label that Prometheus does not
/// allow, is a programming error and ends the process. Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Adds to a counter; `amount` is not negative.
  void Count(std::string_view name, std::string_view help, MetricLabels labels = {},
             double amount = 1);
  /// Sets a gauge.
  void Set(std::string_view name, std::string_view help, MetricLabels labels, double value);
  /// A histogram with buckets from 0.5 ms to 20 s.
  void ObserveSeconds(std::string_view name, std::string_view help, MetricLabels labels,
                      double seconds);

  /// Text exposition format 0.0.4.
  std::string Render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan
