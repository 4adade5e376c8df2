#include "rpc/grpc_link.hpp"

namespace mcpr::nacos {
namespace {

constexpr const char* kUnary = "/Request/request";
constexpr const char* kStream = "/BiRequestStream/requestBiStream";

grpc::ByteBuffer to_buffer(const Message& message) {
  const grpc::Slice slice(encode(message));
  return grpc::ByteBuffer(&slice, 1);
}

bool from_buffer(const grpc::ByteBuffer& buffer, Message& out, std::string& error) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) {
    error = "a message that cannot be read";
    return false;
  }
  return decode({reinterpret_cast<const char*>(slice.begin()), slice.size()}, out, error);
}

std::string text_of(const grpc::Status& status) {
  if (status.ok()) return "the server has ended the connection";
  const std::string& text = status.error_message();
  if (text.empty()) return "gRPC status " + std::to_string(status.error_code());
  // "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:9848: Failed to connect to remote host:
  // ..."
  constexpr std::string_view kBefore = "last error: ", kKind = "UNKNOWN: ";
  const std::size_t last = text.find(kBefore);
  std::string_view said = std::string_view(text).substr(last == std::string::npos ? 0 : last + kBefore.size());
  if (said.starts_with(kKind)) said.remove_prefix(kKind.size());
  return std::string(said);
}

}  // namespace

struct GrpcWire::Link::Unary final : Operation {
  explicit Unary(std::shared_ptr<Link> of) : link(std::move(of)) {}

  void decode(bool /*ok*/) override {
    using Result = Answer::Result;
    if (status.ok()) {
      answer.result = from_buffer(response, answer.message, answer.error) ? Result::came : Result::failed;
      return;
    }
    const grpc::StatusCode code = status.error_code();
    answer.error = text_of(status);
    answer.result = code == grpc::StatusCode::DEADLINE_EXCEEDED                                    ? Result::late
                    : code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED ? Result::gone
                                                                                                   : Result::failed;
    if (answer.result == Result::late) answer.error = "no answer in time";
  }
  void finish(bool /*ok*/) override {
    link->calls_.erase(&context);
    if (link->open_) on_answer(std::move(answer));
  }

  const std::shared_ptr<Link> link;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::function<void(Answer)> on_answer;
  Answer answer;
};

struct GrpcWire::Link::StreamOperation final : Operation {
  StreamOperation(std::shared_ptr<Link> of, Step what) : link(std::move(of)), step(what) {}

  void decode(bool ok) override {
    if (ok && step == Step::read && !from_buffer(link->incoming_, message, error)) message = {};
  }
  void finish(bool ok) override { link->stepped(step, ok, std::move(message), error); }

  const std::shared_ptr<Link> link;
  const Step step;
  Message message;
  std::string error;
};

void GrpcWire::Link::call(const Message& request, std::chrono::milliseconds timeout,
                          std::function<void(Answer)> on_answer) {
  auto unary = std::make_unique<Unary>(shared_from_this());
  unary->context.set_deadline(std::chrono::system_clock::now() + timeout);
  unary->on_answer = std::move(on_answer);
  unary->reader = stub_.PrepareUnaryCall(&unary->context, kUnary, to_buffer(request), wire_.queue_.get());
  calls_.insert(&unary->context);
  ++wire_.under_way_;
  Unary& started = *unary;
  std::unique_ptr<Operation> operation = std::move(unary);
  started.reader->StartCall();
  started.reader->Finish(&started.response, &started.status, operation.release());  // the queue's; freed after finish
}

void GrpcWire::Link::open_stream() {
  stream_ = stub_.PrepareCall(&stream_context_, kStream, wire_.queue_.get());
  begin(Step::start);
}

void GrpcWire::Link::write(const Message& message) {
  if (finishing_) return;
  outgoing_.push_back(to_buffer(message));
  write_next();
}

void GrpcWire::Link::close() {
  open_ = false;
  for (grpc::ClientContext* context : calls_) context->TryCancel();
  if (stream_) stream_context_.TryCancel();
}

void GrpcWire::Link::begin(Step step) {
  ++wire_.under_way_;
  std::unique_ptr<Operation> operation = std::make_unique<StreamOperation>(shared_from_this(), step);
  void* const tag = operation.release();  // the queue's; freed after finish
  switch (step) {
    case Step::start: return stream_->StartCall(tag);
    case Step::read: return stream_->Read(&incoming_, tag);
    case Step::write: return stream_->Write(outgoing_.front(), tag);
    case Step::finish: return stream_->Finish(&status_, tag);
  }
}

void GrpcWire::Link::stepped(Step step, bool ok, Message message, const std::string& error) {
  if (step == Step::finish) {
    if (open_) events_.closed(text_of(status_));
    return;
  }
  if (step == Step::write) {
    writing_ = false;
    outgoing_.pop_front();
  }
  if (!ok) return finish_stream();
  if (finishing_) return;
  if (step == Step::start) started_ = true;
  if (step != Step::write) begin(Step::read);
  write_next();
  if (step != Step::read || !open_) return;
  error.empty() ? events_.received(std::move(message)) : events_.garbled(error);
}

void GrpcWire::Link::write_next() {
  if (!started_ || writing_ || finishing_ || outgoing_.empty()) return;
  writing_ = true;
  begin(Step::write);
}

void GrpcWire::Link::finish_stream() {
  if (!std::exchange(finishing_, true)) begin(Step::finish);
}

}  // namespace mcpr::nacos
