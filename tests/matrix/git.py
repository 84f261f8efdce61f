"""git: lock files and temporary files are removed by a handler that then dies by the same signal."""
import signal

from _world import children

PROGRAM = "git"
SENT = "INT and TERM while it holds locks and downloads, HUP to a daemon, CHLD"
NEEDS = ("git",)


def row(world):
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always",
           "-c", "commit.gpgsign=false"]
    repo = world.home / "repo"
    assert world.tool([*git, "init", "-q", repo])[0] == 0
    for n in range(30):
        world.write(f"repo/file{n}", f"{n}\n" * 1000)
    done = world.start([*git, "-C", repo, "add", "."])
    world.saw(f"add: {world.ended(done)}")
    done = world.start([*git, "-C", repo, "commit", "-q", "-m", "one"])
    world.saw(f"commit: {world.ended(done)}")
    # A commit that waits in an editor, with the index locked; it passes on how the editor ended.
    world.write("editor", "#!/bin/sh\necho up >>edited\nexec sleep 100\n", 0o755)
    for signo in (signal.SIGTERM, signal.SIGHUP):
        world.write("repo/edited", "")
        world.write("repo/file1", f"{signo}\n")
        commit = world.start([*git, "-C", repo, "-c", f"core.editor={world.home}/editor", "commit", "-a"], out="out2")
        world.says("up", "repo/edited")
        world.carries(commit)
        before = [p.name for p in (repo / ".git").glob("*.lock")]
        commit.send(signo)
        world.saw(f"{signo.name} in a commit: {world.ended(commit)}; locks before {before}, after {[p.name for p in (repo / '.git').glob('*.lock')]}")
    # A clone whose other side hangs; what it has made must go.
    world.write("upload", "#!/bin/sh\necho up >>uploads\nexec sleep 100\n", 0o755)
    for signo in (signal.SIGINT, signal.SIGTERM):
        world.write("uploads", "")
        clone = world.start([*git, "clone", "-q", "-u", world.home / "upload", f"file://{repo}", "copy"], out="out2")
        world.says("up", "uploads")
        world.carries(clone)
        there = (world.home / "copy").exists()
        clone.send(signo)
        world.saw(f"{signo.name} in a clone: {world.ended(clone)}; made {there}, left {(world.home / 'copy').exists()}")
    clone = world.start([*git, "clone", "-q", f"file://{repo}", "copy"], out="out2")
    world.saw(f"clone: {world.ended(clone)}, {len(list((world.home / 'copy').glob('file*')))} files")
    world.saw(f"fsck: {world.ended(world.start([*git, '-C', 'copy', 'fsck', '--strict', '--no-progress'], out='out2'))}")
    world.saw(f"gc: {world.ended(world.start([*git, '-C', 'copy', 'gc', '-q'], out='out2'))}")
    port = world.port()
    daemon = world.start([*git, "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all", f"--base-path={world.home}"], out="out3")
    world.wait("the daemon", lambda: world.listening(port))
    for n in range(5):
        status, said = world.tool(["git", "clone", "-q", f"git://127.0.0.1:{port}/repo", f"net{n}"])
        world.saw(f"from the daemon: {status} {said}")
    world.carries(children(daemon.pid)[0])
    daemon.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(daemon)}")
