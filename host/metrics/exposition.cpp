#include "host/metrics/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>

namespace mcpr::metrics {

namespace {

prometheus::MetricFamily family(std::string_view name, std::string_view help, prometheus::MetricType type) {
  prometheus::MetricFamily out;
  out.name = name;
  out.help = help;
  out.type = type;
  return out;
}

prometheus::MetricFamily latency(std::span<const Cells* const> cells) {
  auto out = family("mcp_router_request_duration_seconds", "Time from a request to the end of its answer",
                    prometheus::MetricType::Histogram);
  prometheus::ClientMetric metric;
  std::uint64_t count = 0;
  double sum = 0;
  for (std::size_t i = 0; i <= kLatencyBoundsUs.size(); ++i) {
    for (const Cells* at : cells) count += at->bucket(i);
    const double bound =
        i < kLatencyBoundsUs.size() ? kLatencyBoundsUs[i] / 1e6 : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({count, bound});
  }
  for (const Cells* at : cells) sum += static_cast<double>(at->latency_sum_us()) / 1e6;
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = sum;
  out.metric.push_back(std::move(metric));
  return out;
}

}  // namespace

std::string exposition(std::span<const Cells* const> cells, std::span<const Gauge> gauges) {
  std::vector<prometheus::MetricFamily> families;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Counter::count); ++i) {
    const CounterInfo& about = info(static_cast<Counter>(i));
    auto out = family(about.name, about.help, prometheus::MetricType::Counter);
    prometheus::ClientMetric metric;
    for (const Cells* at : cells) metric.counter.value += static_cast<double>(at->get(static_cast<Counter>(i)));
    out.metric.push_back(std::move(metric));
    families.push_back(std::move(out));
  }
  families.push_back(latency(cells));
  std::map<std::string, prometheus::MetricFamily> named;
  for (const Gauge& gauge : gauges) {
    auto& out =
        named.try_emplace(gauge.name, family(gauge.name, gauge.help, prometheus::MetricType::Gauge)).first->second;
    prometheus::ClientMetric metric;
    metric.gauge.value = gauge.value;
    for (const auto& [name, value] : gauge.labels) metric.label.push_back({name, value});
    out.metric.push_back(std::move(metric));
  }
  for (auto& [name, out] : named) families.push_back(std::move(out));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace mcpr::metrics
