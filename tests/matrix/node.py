"""node: libuv writes each signal into a pipe; V8 has threads of its own; children by CHLD."""
import signal

PROGRAM = "node"
SENT = "HUP, USR1 (inspector), USR2, WINCH, CHLD of 30 children, INT, TERM; under load"
NEEDS = ("node",)

SCRIPT = """
const http = require('http'), cp = require('child_process'), fs = require('fs');
const say = (s) => fs.appendFileSync('said', s + '\\n');
let junk = [];
for (const s of ['SIGHUP', 'SIGUSR2', 'SIGWINCH']) process.on(s, () => say(s));
const server = http.createServer((q, r) => r.end('page\\n'));
const work = setInterval(() => { junk = Array.from({length: 20000}, (_, i) => 'x' + i); }, 5); // garbage to collect
process.on('SIGTERM', () => { say('SIGTERM'); server.close(); clearInterval(work); });
server.listen(+process.argv[2], '127.0.0.1', () => {
    let over = 0, sum = 0;
    for (let i = 0; i < 30; i++)
        cp.spawn('sh', ['-c', 'exit ' + i]).on('exit', (code, sig) => {
            sum += code;
            if (++over == 30) say('children ' + sum);
        });
    const killed = cp.spawn('sleep', ['100']);
    killed.on('exit', (code, sig) => say('killed ' + code + ' ' + sig));
    killed.kill('SIGTERM');
    cp.exec('exit 3', (e) => say('exec ' + e.code));
    say('sync ' + cp.spawnSync('sh', ['-c', 'kill -INT $$']).signal);
});
"""


def row(world):
    world.write("server.js", SCRIPT)

    def start():
        (world.home / "said").unlink(missing_ok=True)
        port = world.port()
        server = world.start(["node", "--inspect-port=0", "server.js", port])  # 9229 is for one at a time
        for what in ("children 435", "killed null SIGTERM", "exec 3", "sync SIGINT"):
            world.says(what, "said")
        return server, port

    server, port = start()
    world.saw("its 33 children came to their ends")
    for n in range(1, 11):
        for signo in (signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH):
            server.send(signo)
        page = world.asks(port, "GET / HTTP/1.0\r\n\r\n", b"")
        world.says("SIGHUP", "said", n)
        world.says("SIGUSR2", "said", n)
        world.says("SIGWINCH", "said", n)
    world.saw(f"10 times HUP, USR2, WINCH: 10 of each; {page.splitlines()[-1]}")
    world.carries(server, replays=30)
    server.send(signal.SIGUSR1)
    world.says("Debugger listening")
    world.saw("USR1: the inspector")
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}, {world.text('said').splitlines()[-1]}")
    server, port = start()
    world.carries(server)
    server.send(signal.SIGINT)
    world.saw(f"INT: {world.ended(server)}")
    world.write("abort.js", "process.on('exit', () => console.log('no')); setTimeout(() => process.abort(), 50)")
    world.saw(f"abort: {world.ended(world.start(['prlimit', '--core=0', 'node', 'abort.js']))}")
    world.write("throw.js", "process.kill(process.pid, 'SIGHUP'); setTimeout(() => 0, 5000)")
    world.saw(f"HUP to itself: {world.ended(world.start(['node', 'throw.js']))}")
