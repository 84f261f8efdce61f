const fs = require("fs");
process.on("SIGHUP", () => fs.writeSync(1, "hup\n"));
setInterval(() => {}, 1 << 30);
fs.writeSync(1, "up\n");
