// What it costs to know where a message goes.
#include <benchmark/benchmark.h>

#include <string>

#include "host/mcp/peek.hpp"

namespace {

void read(benchmark::State& state, std::string text) {
  using namespace mcpr::mcp;
  const std::size_t size = text.size();
  text.append(kPadding, ' ');
  Peeker peeker;
  for (auto _ : state) {
    const Peeked peeked = peeker.read({text.data(), size});
    if (peeked.error != PeekError::none) state.SkipWithError("refused");
    benchmark::DoNotOptimize(peeker.messages().data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * size));
  state.counters["text"] = static_cast<double>(size);
}

void tool_call(benchmark::State& state) {
  read(state,
       R"({"jsonrpc":"2.0","id":42,"method":"tools/call","params":{"name":"search_documents","arguments":{"query":)"
       R"("quarterly report","limit":10,"filters":["pdf","2026"]},"_meta":{"progressToken":"42"}}})");
}

void tool_call_with_escapes(benchmark::State& state) {
  read(state,
       R"({"jsonrpc":"2.0","id":42,"method":"tools\/call","params":{"name":"search_documents","arguments":{"query":)"
       R"("quarterly \"report\"\n","limit":10,"filters":["pdf","2026"]},"_meta":{"progressToken":"42"}}})");
}

void tool_list(benchmark::State& state) {  // many small parts
  std::string text = R"({"jsonrpc":"2.0","id":1,"result":{"tools":[)";
  for (int i = 0; i < 200; ++i) {
    if (i) text += ',';
    text += R"({"name":"tool_)" + std::to_string(i) +
            R"(","description":"does it","inputSchema":{"type":"object","properties":{"a":{"type":"number"},)"
            R"("b":{"type":"string","enum":["x","y"]}},"required":["a"]}})";
  }
  read(state, text + "]}}");
}

void big_text(benchmark::State& state) {  // one long string
  read(state, R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":")" + std::string(1 << 20, 'x') +
                  R"("}]}})");
}

}  // namespace

BENCHMARK(tool_call);
BENCHMARK(tool_call_with_escapes);
BENCHMARK(tool_list);
BENCHMARK(big_text);
BENCHMARK_MAIN();
