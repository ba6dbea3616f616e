-- SPDX-License-Identifier: Apache-2.0
-- Run once by psql as the superuser, in an empty cluster. Each service has a database that nobody else can connect to,
-- owned by a role that runs the migrations; the service's own role changes rows and nothing else. The passwords come
-- from the files of the Secrets, one directory each.
\set ON_ERROR_STOP on

\set password `cat /etc/shodan/token-vault-database/password`
CREATE ROLE token_vault LOGIN PASSWORD :'password';
\set password `cat /etc/shodan/token-vault-database-owner/password`
CREATE ROLE token_vault_owner LOGIN PASSWORD :'password';
CREATE DATABASE token_vault OWNER token_vault_owner;
REVOKE ALL ON DATABASE token_vault FROM PUBLIC;
GRANT CONNECT ON DATABASE token_vault TO token_vault;
\connect token_vault
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO token_vault;
ALTER DEFAULT PRIVILEGES FOR ROLE token_vault_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO token_vault;
ALTER DEFAULT PRIVILEGES FOR ROLE token_vault_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO token_vault;

\set password `cat /etc/shodan/account-link-database/password`
CREATE ROLE account_link LOGIN PASSWORD :'password';
\set password `cat /etc/shodan/account-link-database-owner/password`
CREATE ROLE account_link_owner LOGIN PASSWORD :'password';
CREATE DATABASE account_link OWNER account_link_owner;
REVOKE ALL ON DATABASE account_link FROM PUBLIC;
GRANT CONNECT ON DATABASE account_link TO account_link;
\connect account_link
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO account_link;
ALTER DEFAULT PRIVILEGES FOR ROLE account_link_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO account_link;
ALTER DEFAULT PRIVILEGES FOR ROLE account_link_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO account_link;

\set password `cat /etc/shodan/zoom-api-database/password`
CREATE ROLE zoom_api LOGIN PASSWORD :'password';
\set password `cat /etc/shodan/zoom-api-database-owner/password`
CREATE ROLE zoom_api_owner LOGIN PASSWORD :'password';
CREATE DATABASE zoom_api OWNER zoom_api_owner;
REVOKE ALL ON DATABASE zoom_api FROM PUBLIC;
GRANT CONNECT ON DATABASE zoom_api TO zoom_api;
\connect zoom_api
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO zoom_api;
ALTER DEFAULT PRIVILEGES FOR ROLE zoom_api_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO zoom_api;
ALTER DEFAULT PRIVILEGES FOR ROLE zoom_api_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO zoom_api;

\set password `cat /etc/shodan/automation-database/password`
CREATE ROLE automation LOGIN PASSWORD :'password';
\set password `cat /etc/shodan/automation-database-owner/password`
CREATE ROLE automation_owner LOGIN PASSWORD :'password';
CREATE DATABASE automation OWNER automation_owner;
REVOKE ALL ON DATABASE automation FROM PUBLIC;
GRANT CONNECT ON DATABASE automation TO automation;
\connect automation
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO automation;
ALTER DEFAULT PRIVILEGES FOR ROLE automation_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO automation;
ALTER DEFAULT PRIVILEGES FOR ROLE automation_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO automation;

\connect postgres
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
