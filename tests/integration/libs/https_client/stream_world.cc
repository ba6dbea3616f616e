// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/https_client/stream_world.h"

#include <algorithm>

namespace shodan::testing {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

}  // namespace

boost::asio::awaitable<StreamOutcome> Exchange(HttpsStream& stream, std::string body) {
  StreamOutcome outcome;
  for (size_t at = 0; at < body.size() && outcome.written.ok(); at += kChunkBytes) {
    std::string chunk = body.substr(at, kChunkBytes);
    outcome.written = co_await stream.Write(std::move(chunk));
  }
  if (outcome.written.ok()) outcome.written = co_await stream.FinishWriting();
  const absl::StatusOr<HttpsStreamHead> head = co_await stream.ReadHead();
  outcome.error = head.status();
  if (head.ok()) outcome.head = *head;
  while (outcome.error.ok()) {
    const absl::StatusOr<std::string> chunk = co_await stream.Read();
    outcome.error = chunk.status();
    if (!chunk.ok() || chunk->empty()) break;
    outcome.largest_chunk = std::max(outcome.largest_chunk, chunk->size());
    outcome.body += *chunk;
  }
  outcome.may_have_been_sent = stream.may_have_been_sent();
  co_return outcome;
}

TestCertificate StreamWorld::ForLocalhost() const {
  CertificateContent content;
  content.dns_names = {"localhost"};
  return authority.Issue(content);
}

HttpsStreamRequest StreamWorld::Request(const std::string& url, const std::string& method) const {
  HttpsStreamRequest request;
  request.url = url;
  request.method = method;
  request.ca_file = ca_file;
  request.allow_private_addresses = true;
  return request;
}

StreamOutcome StreamWorld::Send(HttpsStreamRequest request, std::string body) {
  const std::unique_ptr<HttpsStream> stream = client->Start(std::move(request));
  return Run(Exchange(*stream, std::move(body)));
}

}  // namespace shodan::testing
