#!/bin/sh
# Install the programs of PostgreSQL, MariaDB and Redis for the tests, those that are absent, if this may be done
# without questions. Their services are neither started nor enabled: the tests start servers of their own.
# Never fails: the tests say which of them they skip. SYSTEM_ROOT is where the tests of this script put a system.
set -u
root=${SYSTEM_ROOT-}
search=$PATH
for folder in "$root"/usr/sbin "$root"/usr/lib/postgresql/*/bin; do
    search=$search:$folder
done

names=
packages=
services=
# want NAME PROGRAM PACKAGE SERVICE
want() {
    (PATH=$search && command -v "$2" >/dev/null) && return
    names="${names:+$names, }$1"
    packages="${packages:+$packages }$3"
    services="$services $4"
}
want PostgreSQL initdb postgresql postgresql.service
want MariaDB mariadbd mariadb-server mariadb.service
want Redis redis-server redis-server redis-server.service
[ -n "$packages" ] || exit 0

tests="The tests on servers"
. "${0%/*}/packages.sh"
become_root

policy=$root/usr/sbin/policy-rc.d # the system asks it whether a package may start its service
if [ ! -e "$policy" ]; then
    trap 'rm -f "$log"; $as_root rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    # shellcheck disable=SC2016
    $as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' policy "$policy"
fi
install_packages
# shellcheck disable=SC2086
$as_root systemctl disable $services >/dev/null 2>&1 || true # or they would start with the machine
