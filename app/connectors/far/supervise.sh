# The supervisor of one detached command: takes the second gate, keeps its streams, limit and end. In its own session.
# Arguments: folder, ticket (only to be seen in ps), limit in seconds, cap in bytes, boot id, length of the secrets on
# stdin (0: none), umask of the command, and the shell's words, which stay in "$@". fd 5 takes one word for the launcher.
set -u; umask 077
t_dir=$1 t_limit=$3 t_cap=$4 t_boot=$5 t_len=$6 t_mask=$7; shift 7
cd "$t_dir" || exit 70
refuse() { trap '' PIPE; echo "$1" >&5; exit "$2"; }
box() { printf '%-40s\n' "$2" 1<>"$1"; }
room() { box "$1" "$2" && IFS= read -r t_x <"$1" && [ "${#t_x}" -eq 40 ]; }
stamp() { date -u +%Y-%m-%dT%H:%M:%SZ; }
new() {
  if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
  if command -v perl >/dev/null 2>&1; then exec perl -e 'use POSIX; POSIX::setsid(); exec @ARGV' "$@"; fi
  exec "$@"
}

keep() { # FILE: a live copy of stdin, exactly up to the cap; what does not fit is counted
  trap : TERM INT HUP; t_have=0
  while t_room=$((t_cap - t_have)); [ "$t_room" -gt 0 ]; do
    if [ "$t_room" -ge 65536 ]; then t_bs=65536 t_blocks=$((t_room / 65536)); else t_bs=$t_room t_blocks=1; fi
    t_said=$(LC_ALL=C dd bs="$t_bs" count="$t_blocks" 2>&1 >>"$1") || break # no room: the rest is counted, never a SIGPIPE
    t_said=${t_said%% records in*}; t_said=${t_said##*[!0-9+]} # "3+1": whole and partial blocks
    if [ $((${t_said%%+*} + ${t_said##*+})) -lt "$t_blocks" ]; then return; fi # fewer than asked for: the end
    t_have=$(wc -c <"$1"); t_have=$((t_have))
  done
  t_lost=$(wc -c); if [ "$((t_lost))" -gt 0 ]; then box "$1.dropped" "$((t_lost))"; fi
}
clock() { # TERM to the group at the limit, KILL 5 s later, even when its leader has gone by then
  set +u; trap 'kill "$!"; exit' TERM
  sleep "$t_limit" & wait "$!"
  trap '' TERM; read -r t_pg t_x <pg; read -r t_old t_x <killed
  if [ "$t_old" = - ]; then box killed timeout; fi
  if ! kill -TERM "-$t_pg"; then box killed "$t_old"; exit; fi
  sleep 5; kill -KILL "-$t_pg"
}
run() { # the command, on stdin as it stands; its end goes into the box
  trap : TERM INT HUP; t_clock=0
  if [ "$t_limit" -gt 0 ]; then
    { exec </dev/null >/dev/null 2>&1 3>&- 4<&- 5>&-; clock; } & t_clock=$!; fi # exec: dash keeps a copy of what it restores
  (new "$@" p/cmd "$t_dir" "$t_mask" "$@") 2>&3 3>&-; t_rc=$?
  exec </dev/null >/dev/null 2>&1 3>&- 4<&- 5>&-
  read -r t_old t_x <killed; if [ "$t_clock" != 0 ] && [ "$t_old" != timeout ]; then kill "$t_clock"; fi
  box rc "$t_rc $(stamp)"
}
parts() { t_env=$1 t_in=$2; }
feed() { # stdin of the command: nothing, the file, or a secret through a pipe; secret pairs for its environment on fd 4
  if [ -z "$t_sec" ]; then
    if [ -f p/in ]; then run "$@" <p/in; else run "$@" </dev/null; fi
    return; fi
  parts $t_sec # two words without a space or a star inside; cutting by pattern takes bash seconds
  printf '%s\n' "$t_env" | { exec 4<&0
    if [ "$t_in" != - ]; then printf '%b' "$t_in" | run "$@"; elif [ -f p/in ]; then run "$@" <p/in; else run "$@" </dev/null; fi; }
}

unset t_sec; t_sec= # unset: had the machine exported the name, every tool would see the value
if [ "$t_len" -gt 0 ]; then t_sec=$(cat); fi
if [ "${#t_sec}" -ne "$t_len" ]; then refuse cut-short 74; fi
exec </dev/null
if ! { room rc - && room pg 0 && room killed - && room out.dropped 0 && room err.dropped 0 && : >out && : >err && stamp >began && [ -s began ]; }; then refuse no-room 73; fi
printf '%s %s\n' "$$" "$t_boot" >who && read -r t_x t_x <who && [ "$t_x" = "$t_boot" ] || refuse no-room 73
ln -s who gate 2>/dev/null || refuse fenced 0 # THE SECOND GATE: from here on it runs, exactly once
trap : TERM INT HUP
{ feed "$@" | { exec 3>&- 5>&-; keep out; }; } 3>&1 | { exec 5>&-; keep err; }
: >eof
