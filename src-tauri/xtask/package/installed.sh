# Run as root inside a clean Debian 12 by `cargo xtask package --check`, with /package.deb beside it.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
seen() { echo "seen: $*"; }
fail() { echo "error: $*" >&2; exit 1; }
until_true() { # WHAT COMMAND…: within 60 s
  local what=$1; shift
  for _ in $(seq 300); do if "$@" >/dev/null 2>&1; then seen "$what"; return; fi; sleep 0.2; done
  fail "not within 60 s: $what"
}
export -f seen fail until_true

printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
# A root that is thrown away need not be safe from a cut of the mains.
echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/unsafe-io
apt-get -q update
apt-get -q -y --no-install-recommends install /package.deb
seen "apt installed it with its dependencies alone"
dpkg -V waybill-desk
dpkg -L waybill-desk > /owned
! grep -q . <(ldd /usr/bin/waybill-desk /usr/bin/waybill | grep 'not found') || fail "a library is missing"
grep -q 'x-scheme-handler/app.waybilldesk=waybill-desk.desktop' /usr/share/applications/mimeinfo.cache \
  || fail "the links are not in the index of desktop entries"
zgrep -q 'serialport' /usr/share/doc/waybill-desk/THIRD-PARTY-NOTICES.gz || fail "no notices"
waybill --version
apt-get -q -y --no-install-recommends install xvfb xdotool dbus-daemon gnome-keyring libglib2.0-bin procps

useradd --create-home desk
cat > /as_desk.sh <<'IN'
set -euo pipefail
export WAYBILL_PASSWORD=quiet-lantern-4242 NO_AT_BRIDGE=1
printf 'key store' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
pids() { pgrep -x -u desk waybill-desk; }
window() { xdotool search --onlyvisible --name '面单台|Waybill Desk'; }
refused() { waybill --json log list | { grep -o 'callback.refused' || true; } | wc -l; }
refused_is() { [ "$(refused)" -ge "$1" ]; }
gone() { ! pids; }
export -f pids window refused refused_is gone
waybill setup --owner 店主
waybill login 店主
seen "the command line made an owner and logged in"

# As a desktop starts it: the line of its entry, with no link in place of %u.
line=$(sed -n 's/^Exec=//p' /usr/share/applications/waybill-desk.desktop)
cd /; setsid ${line% %u} > ~/window.log 2>&1 &
until_true "a window appeared" window
sleep 10; cp /display/Xvfb_screen0 /tmp/window.xwd
[ "$(pids | wc -l)" = 1 ] || fail "more than one program runs"
[ ! -e ~/.local/share/applications/waybill-desk-handler.desktop ] || fail "it wrote an entry into the home"
seen "nothing was written into ~/.local/share/applications"
kill "$(pids)"; until_true "the program ended" gone

before=$(refused)
for opener in xdg-open 'gio open'; do
  setsid $opener 'app.waybilldesk:/callback/taobao?code=1&state=nobody-asked' >> ~/window.log 2>&1 &
  until_true "$opener started the program cold" pids
  # A question of the command line before the window owns the folder would take the folder from it.
  until_true "$opener: a window appeared" window; sleep 5
  before=$((before + 1))
  until_true "$opener: the desk answered the link (refused, as nobody had asked)" refused_is "$before"
  kill "$(pids)"; until_true "the program ended" gone
done
IN
mkdir /display; chmod 777 /display
Xvfb :7 -screen 0 1400x900x24 -fbdir /display > /display/log 2>&1 &
until_true "the display is there" test -e /tmp/.X11-unix/X7
status=0
timeout 400 runuser -u desk -- env HOME=/home/desk DISPLAY=:7 LANG=C.UTF-8 dbus-run-session -- bash /as_desk.sh || status=$?
cp /tmp/window.xwd /window.xwd 2>/dev/null || true
[ "$status" = 0 ] || { cat /home/desk/window.log >&2; fail "the program in use failed ($status)"; }

apt-get -q -y remove waybill-desk
while read -r path; do [ ! -f "$path" ] || fail "left behind: $path"; done < /owned
left=$(find / -xdev \( -path /home/desk -o -path /proc -o -path /dev \) -prune -o -iname '*waybill*' -print)
[ -z "$left" ] || fail "left behind: $left"
! grep -q waybilldesk /usr/share/applications/mimeinfo.cache || fail "the links are still in the index"
! dpkg -s waybill-desk >/dev/null 2>&1 || fail "dpkg still knows it"
[ -s /home/desk/.local/share/app.waybilldesk/desk.db ] || fail "the data folder is gone"
echo "in the home:"; find /home/desk -mindepth 1 -maxdepth 4 -path '*aybill*'
seen "removed: nothing of it is left but the person's data"
