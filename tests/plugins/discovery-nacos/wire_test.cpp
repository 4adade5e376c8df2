// Real gRPC over loopback, against a server in this process that speaks as Nacos does; and the bytes of messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "certificate.hpp"
#include "grpc_nacos.hpp"
#include "model/json.hpp"
#include "rpc/connection.hpp"
#include "rpc/grpc_wire.hpp"
#include "tests/plugins/support/fake_host.hpp"

namespace mcpr::nacos {
namespace {

using test::NacosServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Result = Wire::Answer::Result;
using Ms = std::chrono::milliseconds;

struct NoCredentials final : Credentials {
  void ready(std::function<void()> go) override { go(); }
  std::string token() const override { return {}; }
  std::string problem() const override { return {}; }
  void refused(const std::string&, std::function<void(bool)> go) override { go(false); }
  sdk::KeyValues signature(const Resource&) const override { return {}; }
};

GrpcWire::Options plain() { return {{true, 0, 0, false}, {}}; }

// A connection with everything that it needs.
struct Client {
  Client(FakeHost& fake, std::uint16_t port, const GrpcWire::Options& options = plain())
      : host(fake),
        timer(fake.host(), [this] { agenda.run(); }),
        wire(fake.host(), options),
        connection(wire, agenda, credentials, Rotation({{"127.0.0.1", port, false, ""}}, 0, 1), {"client", "public"},
                   [](const std::string&) {}) {
    timer.every(10);
    connection.start({[this] { log.emplace_back("connected"); },
                      [this](const std::string& why) { log.push_back("lost: " + why); },
                      [this](const std::string& type, const JsonObject& body) {
                        log.push_back(type + " " + text_in(body, "dataId"));
                      }});
  }
  ~Client() { stop(); }
  void stop() {
    if (std::exchange(stopped, true)) return;
    bool done = false;
    connection.stop([&] { done = true; });
    EXPECT_TRUE(host.run_until([&] { return done; }));
    timer.cancel();
  }
  bool sees(const std::string& event) {
    return host.run_until([&] { return std::find(log.begin(), log.end(), event) != log.end(); });
  }

  FakeHost& host;
  Agenda agenda{[] { return std::chrono::steady_clock::now(); }};
  sdk::Timer timer;
  NoCredentials credentials;
  GrpcWire wire;
  Connection connection;
  std::vector<std::string> log;
  bool stopped = false;
};

TEST(Message, Bytes) {
  Message in{"ServerCheckRequest", {{"module", "internal"}, {"text", "\xE4\xBD\xA0"}}, {{"accessToken", "T"}}};
  const std::string bytes = encode(in);
  // Field 2 (metadata) with field 3 (type) first, as the .proto of Nacos numbers them.
  EXPECT_EQ(bytes.substr(0, 1), "\x12");
  EXPECT_EQ(bytes.substr(2, 2), std::string("\x1A\x12"));
  Message out;
  std::string error;
  ASSERT_TRUE(decode(bytes, out, error)) << error;
  EXPECT_EQ(out.type, in.type);
  EXPECT_EQ(out.body, in.body);
}

TEST(Message, NoMessage) {
  Message out;
  std::string error;
  EXPECT_FALSE(decode("\xFF\xFF\xFF", out, error));
  EXPECT_EQ(error, "a message that is no Payload");
  EXPECT_TRUE(decode("", out, error)) << "all members of a protobuf message may be missing";
  // body {value: "[1]"}, and then text that is no JSON
  EXPECT_FALSE(decode(std::string("\x1A\x05\x12\x03[1]"), out, error));
  EXPECT_THAT(error, HasSubstr("no object"));
  EXPECT_FALSE(decode(std::string("\x1A\x03\x12\x01{"), out, error));
  EXPECT_THAT(error, HasSubstr("no JSON"));
}

TEST(GrpcWire, SetUpRequestsAndPushes) {
  FakeHost host;
  NacosServer server;
  Client client(host, server.port());
  ASSERT_TRUE(client.sees("NotifySubscriberRequest x"));
  EXPECT_EQ(client.log.front(), "connected");
  EXPECT_TRUE(client.connection.can("fuzzyWatch"));
  ASSERT_TRUE(host.run_until([&] { return server.written().size() >= 2; }));
  EXPECT_THAT(server.written(), ElementsAre("ConnectionSetupRequest", "NotifySubscriberResponse"));
  int answers = 0;
  for (int i = 0; i < 50; ++i) {
    client.connection.request("ServiceListRequest", {{"n", i}}, [&answers, i](const Reply& reply) {
      EXPECT_EQ(object_in(reply.body.get_object(), "echo")->at("n"), i);
      ++answers;
    });
  }
  EXPECT_TRUE(host.run_until([&] { return answers == 50; }));
  EXPECT_EQ(server.peers().size(), 1U) << "all on one TCP connection";
}

TEST(GrpcWire, TwoSourcesHaveConnectionsOfTheirOwn) {
  FakeHost host;
  NacosServer server;
  Client one(host, server.port()), two(host, server.port());
  ASSERT_TRUE(one.sees("connected"));
  ASSERT_TRUE(two.sees("connected"));
  EXPECT_EQ(server.peers().size(), 2U);
}

TEST(GrpcWire, AServerThatComesBack) {
  FakeHost host;
  auto server = std::make_unique<NacosServer>();
  const std::uint16_t port = server->port();
  Client client(host, port);
  ASSERT_TRUE(client.sees("connected"));
  server.reset();
  ASSERT_TRUE(host.run_until([&] { return client.log.back().starts_with("lost: "); }));
  client.log.clear();
  ASSERT_TRUE(host.run_until([&] { return !client.log.empty(); }));
  EXPECT_THAT(client.log.front(), HasSubstr("127.0.0.1:" + std::to_string(port) + ": "));
  server = std::make_unique<NacosServer>(port);
  EXPECT_TRUE(client.sees("connected"));
}

TEST(GrpcWire, NobodyThere) {
  FakeHost host;
  std::uint16_t port = 0;
  {
    const NacosServer gone;
    port = gone.port();
  }
  Client client(host, port);
  ASSERT_TRUE(host.run_until([&] { return !client.log.empty(); }));
  EXPECT_THAT(client.log.front(), HasSubstr("lost: 127.0.0.1:"));
}

TEST(GrpcWire, StopDoesNotWaitForAnswers) {
  FakeHost host;
  NacosServer server;
  Client client(host, server.port());
  ASSERT_TRUE(client.sees("connected"));
  server.silent = true;
  bool answered = false;
  client.connection.request("ServiceListRequest", {}, [&](const Reply&) { answered = true; });
  const auto begun = std::chrono::steady_clock::now();
  client.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3)) << "well below a request's time-out";
  EXPECT_FALSE(answered);
}

TEST(GrpcWire, LateAnswers) {
  FakeHost host;
  NacosServer server;
  server.silent = true;
  GrpcWire wire(host.host(), plain());
  ASSERT_EQ(wire.open({"127.0.0.1", server.port(), false, ""}, {}), "");
  std::optional<Wire::Answer> got;
  wire.call({"ServerCheckRequest", {}, {}}, Ms(50), [&](Wire::Answer answer) { got = std::move(answer); });
  ASSERT_TRUE(host.run_until([&] { return got.has_value(); }));
  EXPECT_EQ(got->result, Result::late);
  bool done = false;
  wire.stop([&] { done = true; });
  EXPECT_FALSE(done) << "never inside the call";
  EXPECT_TRUE(host.run_until([&] { return done; }));
}

TEST(GrpcWire, NeverOpened) {
  FakeHost host;
  GrpcWire wire(host.host(), plain());
  bool done = false;
  wire.stop([&] { done = true; });
  EXPECT_TRUE(host.run_until([&] { return done; }));
}

TEST(GrpcWire, CertificatesThatAreNotThere) {
  FakeHost host;
  GrpcWire wire(host.host(), {{true, 0, 0, true}, {"/nowhere/ca.pem", "", ""}});
  EXPECT_EQ(wire.open({"127.0.0.1", 1, false, ""}, {}), "/nowhere/ca.pem: cannot be read, or is empty");
}

// A server that shows a certificate and wants to see one.
struct GrpcTls : ::testing::Test {
  GrpcTls() {
    char name[] = "/tmp/mcpr-nacos-XXXXXX";
    dir = ::mkdtemp(name);
    write("cert.pem", own.certificate);
    write("key.pem", own.key);
    grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_key_cert_pairs.push_back({own.key, own.certificate});
    ssl.pem_root_certs = own.certificate;
    server = std::make_unique<NacosServer>(0, grpc::SslServerCredentials(ssl));
  }
  ~GrpcTls() override { std::filesystem::remove_all(dir); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir / name) << text; }

  const test::Certificate own = test::make_certificate();
  std::filesystem::path dir;
  std::unique_ptr<NacosServer> server;
  FakeHost host;
};

TEST_F(GrpcTls, BothSidesShowWhoTheyAre) {
  Client client(host, server->port(), {{true, 0, 0, true}, {dir / "cert.pem", dir / "cert.pem", dir / "key.pem"}});
  EXPECT_TRUE(client.sees("connected"));
}

TEST_F(GrpcTls, AServerThatNobodyVouchesFor) {
  write("other.pem", test::make_certificate().certificate);
  Client client(host, server->port(), {{true, 0, 0, true}, {dir / "other.pem", dir / "cert.pem", dir / "key.pem"}});
  ASSERT_TRUE(host.run_until([&] { return !client.log.empty(); }));
  EXPECT_THAT(client.log.front(), HasSubstr("lost: 127.0.0.1:"));
}

}  // namespace
}  // namespace mcpr::nacos
