/** systemd units of the agent and its DNS process: stopping one stops no other, and never a container. */
export const unitOf = (mode: 'agent' | 'names', file: string, args: readonly string[]): string => `[Unit]
Description=Portreeve ${mode === 'agent' ? 'agent' : 'names of containers'}
After=network-online.target docker.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${[file, mode, ...args].join(' ')}
Restart=always
RestartSec=1
KillMode=process
TimeoutStopSec=15
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`;
