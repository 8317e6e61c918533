// OCA's settings; prettier's plugin is where dev/setup puts it
const {createRequire} = require("module");

/** @type {import('prettier').Config} */
module.exports = {
    plugins: [
        createRequire(`${__dirname}/.odoo/node/`).resolve("@prettier/plugin-xml"),
    ],
    bracketSpacing: false,
    printWidth: 88,
    proseWrap: "always",
    semi: true,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
};
