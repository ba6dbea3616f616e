// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "src/proto/grpc/health/v1/health.grpc.pb.h"

#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"
