// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/metrics.h"

#include <map>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace shodan {
namespace {

const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const prometheus::Histogram::BucketBoundaries buckets = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20};
  return buckets;
}

std::map<std::string, std::string> ToLabels(MetricLabels labels) {
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : labels) map.emplace(key, value);
  return map;
}

// The families of one kind by name; the registry's own look-up is linear.
template <typename Metric>
using Families = std::map<std::string, prometheus::Family<Metric>*, std::less<>>;

}  // namespace

struct Metrics::Impl {
  // noexcept: the registry throws for a misused name, which is a mistake in the calling code.
  template <typename Metric, typename Builder>
  prometheus::Family<Metric>& Find(Families<Metric>& families, Builder (*build)(),
                                   std::string_view name, std::string_view help) noexcept {
    const std::lock_guard lock(mutex);
    if (const auto found = families.find(name); found != families.end()) return *found->second;
    prometheus::Family<Metric>& family =
        build().Name(std::string(name)).Help(std::string(help)).Register(registry);
    families.emplace(name, &family);
    return family;
  }

  prometheus::Registry registry;
  std::mutex mutex;  // guards the maps
  Families<prometheus::Counter> counters;
  Families<prometheus::Gauge> gauges;
  Families<prometheus::Histogram> histograms;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(std::string_view name, std::string_view help, MetricLabels labels,
                    double amount) {
  impl_->Find(impl_->counters, &prometheus::BuildCounter, name, help)
      .Add(ToLabels(labels))
      .Increment(amount);
}

void Metrics::Set(std::string_view name, std::string_view help, MetricLabels labels, double value) {
  impl_->Find(impl_->gauges, &prometheus::BuildGauge, name, help).Add(ToLabels(labels)).Set(value);
}

void Metrics::ObserveSeconds(std::string_view name, std::string_view help, MetricLabels labels,
                             double seconds) {
  impl_->Find(impl_->histograms, &prometheus::BuildHistogram, name, help)
      .Add(ToLabels(labels), SecondsBuckets())
      .Observe(seconds);
}

std::string Metrics::Render() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace shodan
