"""Real PostgreSQL and MariaDB for the tests: given by the environment, else private and thrown away.

absent      say that a test cannot run here, loudly and counted
share       one server for all workers of a test run: started by the first who asks, ended with the run
guard       the process beside each server that ends it when the test run is over, however that ended
postgres    how a private PostgreSQL is made
mariadb     how a private MariaDB is made
databases   fresh databases on a server, dropped after
fixtures    what tests ask for: `postgres_url`, `mysql_url` and their factories
"""
