# The dead-man switch: an undo that waits at its target and runs by itself when nobody is heard for long enough.
# Comes after detach.sh, inside its { } group; `arm` and `beat` are calls, `watch` is the watcher's own life.
#
# The undo is an ordinary ticket whose launch is left to a watcher in a session of its own. Whoever makes `gate` decides:
# the watcher's supervisor (it runs) or a fence (confirmed, or the console runs the undo itself: it never will).
#   watch   pid and boot id of the watcher            beat   when a console was last heard, by the machine's own clock
#   step    ticket of the command to be undone, or -; `again` behind it: an earlier attempt of it may have run
#   fire    folder, made once by the watcher that goes about it
#   fired   a box: when, how long nobody was heard, and `unbegun` when there was nothing to undo
#   p/      as for any ticket, and the watcher's own text
# Secrets are in the watcher's memory only: they come through a pipe and go to the supervisor through another.
# A machine that is started anew has no watcher any more and never fires; `beat` says so.

tick() { # t_now: seconds of a clock that goes on while the machine sleeps, and that nobody sets
  if [ -r /proc/uptime ]; then read -r t_now t_x </proc/uptime; t_now=${t_now%%.*}; else t_now=$(date +%s); fi
}
digits() { case $1 in ''|*[!0-9]*) return 1;; esac; }
switch() { # one line of facts about a switch; the caller judges
  t_dir=$t_base/$1 t_w=absent t_pid=0 t_was=- t_left=0; boot; tick
  first "$t_dir/wait" 0; t_wait=$t_first; first "$t_dir/beat" 0
  if digits "$t_first" && digits "$t_wait"; then t_left=$((t_first + t_wait - t_now)); fi
  if [ -f "$t_dir/watch" ]; then
    read -r t_pid t_was <"$t_dir/watch" || t_pid=0
    if [ "$t_was" != "$t_boot" ]; then t_w=lost-reboot
    elif alive "$t_pid" "$1"; then t_w=armed; if [ -d "$t_dir/fire" ]; then t_w=firing; fi
    else t_w=lost; fi; fi
  t_fired=- t_silent=0 t_why=
  if [ -d "$t_dir/fire" ] && [ -f "$t_dir/fired" ]; then read -r t_fired t_silent t_why <"$t_dir/fired" || t_fired=-; fi
  digits "$t_silent" || t_silent=0
  if [ -h "$t_dir/gate" ]; then t_w=fired # after the look at the watcher
    if fenced "$t_dir"; then t_w=fenced; if [ "$t_why" = unbegun ]; then t_w=unbegun; fi; fi; fi
  if [ -r /proc/sys/kernel/hostname ]; then read -r t_host </proc/sys/kernel/hostname; else t_host=$(uname -n); fi
  printf 'D word=%s left=%s fired=%s silent=%s host=%s boot=%s now=%s\n' "$t_w" "$t_left" "$t_fired" "$t_silent" \
    "$t_host" "$t_boot" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}
beat() { # somebody is there: the deadline counts from now, by this machine's clock
  if [ -f "$t_base/$1/beat" ] && [ ! -h "$t_base/$1/gate" ]; then tick; box "$t_base/$1/beat" "$t_now"; fi
  switch "$1"
}
arm() { # TICKET NONCE SUMS LIMIT CAP SECONDS STEP SUP CMD SCRIPT STDIN WATCH SECRETS: again is safe, and renews it
  t_dir=$t_base/$1; t_up=$t_base/.up.$1~$2
  if [ -h "$t_dir/gate" ] || [ -d "$t_dir/fire" ]; then switch "$1"; return; fi
  if [ -f "$t_dir/watch" ]; then
    read -r t_pid t_was <"$t_dir/watch" || t_pid=0; boot
    if [ "$t_was" = "$t_boot" ] && alive "$t_pid" "$1"; then
      printf '%s\n' "$7" >"$t_dir/step.$2" && mv "$t_dir/step.$2" "$t_dir/step" || { echo "X no room in $t_dir"; exit 73; }
      beat "$1"; return; fi; fi
  mkdir -p "$t_base" || { echo "X cannot create $t_base"; exit 73; }
  { mkdir "$t_up" && part sup "$8" && part cmd "$9" && part script "${10}" && part in "${11}" && part watch "${12}"; } 2>/dev/null ||
    { rm -rf "$t_up"; echo "X no room for the undo in $t_base"; exit 73; }
  if [ "$(cd "$t_up" && cksum *)" != "$3" ]; then rm -rf "$t_up"; echo "X the undo arrived damaged in $t_base"; exit 65; fi
  tick
  { { mkdir "$t_dir" || [ -d "$t_dir" ]; } && rm -rf "$t_dir/p" && mv "$t_up" "$t_dir/p" &&
    printf '%s\n' "$7" >"$t_dir/step" && box "$t_dir/wait" "$6" &&
    box "$t_dir/fired" "- 0" && box "$t_dir/beat" "$t_now"; } 2>/dev/null ||
    { rm -rf "$t_up"; echo "X no room for the undo in $t_base"; exit 73; }
  boot; t_ticket=$1 t_limit=$4 t_cap=$5 t_wait=$6; shift 12
  { if [ -n "$1" ]; then printf '%s' "$1" | { exec 6<&0; watcher "${#1}" <&6 6<&- & }; else watcher 0 </dev/null & fi
  } 5>&1 >/dev/null 2>&1 | { t_word=lost; read -r t_word || :; echo "L $t_word"; }
  switch "$t_ticket"
}
watcher() { new $t_sh "$t_dir/p/watch" "$t_dir" "$t_ticket" "$t_limit" "$t_cap" "$t_wait" "$1" "$t_mask" $t_sh; }
halt() { # TICKET: 0: the command to be undone never starts any more, or is over; 1: not yet. t_made=1: it never began
  case $1 in ''|-) return 0;; esac
  mkdir -p "$t_base/$1"; if ln -s fenced "$t_base/$1/gate" 2>/dev/null; then t_made=1; return 0; fi
  if [ ! -h "$t_base/$1/gate" ]; then return 1; fi # no room for the fence: it could start later
  for t_signal in TERM KILL; do
    t_hit=0 t_tries=0; while [ "$t_tries" -lt 10 ]; do
      case $(state "$1") in
        *state=done*killed=-*) return 0;; # what a command left running when it ended well is its effect
        *state=starting*) ;; # it has no group yet
        *group=alive*) read -r t_pg t_start <"$t_base/$1/pg" && ours "$t_pg" "$t_start" || return 0;; # the number went on
        *) return 0;; esac
      if [ "$t_hit" = 0 ]; then case $(cancel "$1" "$t_signal") in
        *'K delivered'*) t_hit=1; box "$t_base/$1/killed" dead-man;; esac; fi
      sleep 0.5 2>/dev/null || sleep 1; t_tries=$((t_tries + 1)); done
  done
  return 1
}
watch() { # FOLDER TICKET LIMIT CAP SECONDS SECRETS-LENGTH UMASK SHELL...; fd 5 takes one word for whoever armed it
  t_dir=$1 t_ticket=$2 t_limit=$3 t_cap=$4 t_wait=$5 t_len=$6 t_mask=$7; shift 7; t_sh=$*
  cd "$t_dir" || exit 70
  unset t_sec; t_sec= # unset: had the machine exported the name, every tool would see the value
  if [ "$t_len" -gt 0 ]; then t_sec=$(cat); fi
  if [ "${#t_sec}" -ne "$t_len" ]; then echo cut-short >&5; exit 74; fi
  exec </dev/null; boot; tick
  box watch "$$ $t_boot" && read -r t_x t_was <watch && [ "$t_was" = "$t_boot" ] || { echo no-room >&5; exit 73; }
  trap '' HUP; echo armed >&5; exec 5>&-
  t_pause=$((t_wait / 60)); if [ "$t_pause" -lt 1 ]; then t_pause=1; elif [ "$t_pause" -gt 5 ]; then t_pause=5; fi
  if [ "$t_wait" -lt 15 ] && sleep 0.01 2>/dev/null; then t_nap=0.2; else t_nap=$t_pause; fi
  t_moment=15; if [ "$t_wait" -lt 15 ]; then t_moment=$t_wait; fi
  t_before=$t_now t_heard=$t_now t_grace=0
  while :; do
    if [ -h gate ]; then exit 0; fi
    tick; first beat -; if digits "$t_first"; then t_heard=$t_first; fi
    # This machine slept or stood still: whoever could not be heard meanwhile has a moment to be heard now.
    if [ $((t_now - t_before)) -gt $((t_pause + 5)) ]; then t_grace=$((t_now + t_moment)); fi
    t_before=$t_now
    if [ $((t_now - t_heard)) -gt "$t_wait" ] && [ "$t_now" -ge "$t_grace" ]; then break; fi
    sleep "$t_nap"
  done
  t_told="$(date -u +%Y-%m-%dT%H:%M:%SZ) $((t_now - t_heard))" t_made=0
  box fired "$t_told"; mkdir fire || exit 0
  t_step=- t_again=; read -r t_step t_again <step || :
  until halt "$t_step"; do if [ -h gate ]; then exit 0; fi; sleep "$t_pause"; done
  if [ "$t_made" = 1 ] && [ "$t_again" != again ]; then # nothing was done, so there is nothing to undo
    box fired "$t_told unbegun"; until ln -s fenced gate 2>/dev/null || [ -h gate ]; do sleep "$t_pause"; done
    rm -rf p; exit 0; fi
  if [ -n "$t_sec" ]; then printf '%s' "$t_sec" | supervise "${#t_sec}" 5>/dev/null
  else (supervise 0 5>/dev/null </dev/null); fi
  rm -rf p
}
