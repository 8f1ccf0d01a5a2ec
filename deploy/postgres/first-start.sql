-- An empty Postgres gets the login that owns the database and makes the others (`agent-platform migrate`), and the one that may
-- read everything for backups, which only a superuser can make. For a managed Postgres: run it once with psql as its administrator.
\getenv owner AP_OWNER_PASSWORD
\getenv backup AP_BACKUP_PASSWORD
CREATE ROLE ap_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE ap_backup LOGIN BYPASSRLS PASSWORD :'backup';
ALTER DATABASE :"DBNAME" OWNER TO ap_owner;
