# The command's own shell, until it becomes the command: $1 ticket folder, $2 umask, then the shell's words.
t_dir=$1; umask "$2"; shift 2
t_since() { t_start=${20}; }
t_start=-; if [ -r "/proc/$$/stat" ]; then read -r t_stat <"/proc/$$/stat"; t_since ${t_stat##*) }; fi
printf '%-40s\n' "$$ $t_start" 1<>"$t_dir/pg"
trap '' PIPE; echo started >&5; trap - PIPE; exec 5>&-
