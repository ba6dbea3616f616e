// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

namespace shodan::rpc {

/// PEM files of one identity and of the authority that signed its peers. Watched: a replaced file
/// is used for new connections within seconds.
struct TlsFiles {
  std::string certificate_file;
  std::string private_key_file;
  std::string ca_file;
};

/// Mutual TLS 1.2 or newer: the client must show a certificate of the authority.
std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const TlsFiles& files);
/// The server's certificate must name the host that is dialled.
std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(const TlsFiles& files);

}  // namespace shodan::rpc
