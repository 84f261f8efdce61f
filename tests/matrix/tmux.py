"""tmux: a server with a client in a terminal; libevent, CHLD of its windows, WINCH through and through."""
PROGRAM = "tmux"
SENT = "WINCH to the client, TSTP and CONT of the client, CHLD of windows, USR1 (socket anew), HUP of the client, TERM of the server"
NEEDS = ("tmux", "bash")


def row(world):
    world.write("inner", "PS1='inner> '\n")
    t = world.terminal()
    tm = ["tmux", "-S", world.home / "socket", "-f", "/dev/null"]

    def tmux(*words):
        return world.tool([*tm, *words])[1].strip()

    def keys(line):
        tmux("send-keys", "-l", line)
        tmux("send-keys", "Enter")

    t.prompt()
    t.type(f"tmux -S {world.home}/socket -f /dev/null new-session -s main 'bash --noprofile --rcfile {world.home}/inner -i'\r")
    t.see("inner>")
    server = int(world.wait("the server", lambda: tmux("display", "-p", "#{pid}")))
    client = int(tmux("list-clients", "-F", "#{client_pid}"))
    world.carries(server)
    world.carries(client)
    for columns, rows in ((100, 30), (70, 20)):
        t.size(columns, rows)
        size = f"{columns}x{rows - 1}"
        world.wait(f"the size {size}", lambda: t.read(0.01) and tmux("display", "-p", "#{window_width}x#{window_height}") == size)
        tty = tmux("display", "-p", "#{pane_tty}")
        world.wait("the size inside", lambda: t.read(0.01) and world.tool(["stty", "-F", tty, "size"])[1] == f"{rows - 1} {columns}\n")
    world.saw("WINCH: two sizes, seen inside")
    for n in range(1, 6):
        tmux("new-window", "-d", f"exit {n}")
    world.wait("one window", lambda: t.read(0.01) and tmux("list-windows").count("\n") == 0)
    world.saw("CHLD: five windows came and went")
    tmux("suspend-client")
    world.wait("the shell in front", lambda: t.read(0.01) and t.foreground("bash"))
    t.type("fg\r")
    world.wait("the client in front", lambda: t.read(0.01) and t.foreground("tmux: client"))
    keys("echo back $((40 + 2))")
    world.wait("back", lambda: t.read(0.01) and "back 42" in tmux("capture-pane", "-p"))
    world.saw("TSTP, CONT: back 42")
    (world.home / "socket").unlink()
    world.send(server, "USR1")
    world.wait("a new socket", lambda: (world.home / "socket").exists() and tmux("list-sessions").startswith("main:"))
    world.saw("USR1: a new socket")
    keys("sleep 100")
    world.wait("a sleep inside", lambda: t.read(0.01) and tmux("display", "-p", "#{pane_current_command}") == "sleep")
    tmux("send-keys", "C-c")
    world.wait("the shell inside", lambda: t.read(0.01) and tmux("display", "-p", "#{pane_current_command}") == "bash")
    keys("echo status $?")
    world.wait("its status", lambda: t.read(0.01) and "\nstatus 130" in tmux("capture-pane", "-p"))
    world.saw("INT inside: status 130")
    world.send(client, "HUP")
    t.prompt()
    world.saw(f"HUP of the client: {tmux('list-sessions').split(':')[0]} is detached: {'attached' not in tmux('list-sessions')}")
    world.send(server, "TERM")
    world.wait("the server's end", lambda: world.gone(server))
    world.saw(f"TERM: its socket is {'there' if (world.home / 'socket').exists() else 'gone'}")
    t.type("exit 5\r")
    t.end()
    world.saw(f"the shell: {t.status}")
