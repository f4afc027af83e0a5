import { expect, test } from 'vitest';
import { parseKernelState } from './kernel-state.ts';

const LINKS = JSON.stringify([
  { ifname: 'lo', flags: ['UP'], address: '00:00:00:00:00:00', mtu: 65536 },
  {
    ifname: 'pr5',
    flags: ['UP'],
    address: '02:42:0a:01:00:01',
    mtu: 1450,
    linkinfo: { info_kind: 'bridge' },
  },
  { ifname: 'pr-lab0', flags: ['UP'], address: '02:00:00:00:00:09', linkinfo: { info_kind: 'bridge' } },
  {
    ifname: 'vx5',
    flags: ['BROADCAST', 'UP'],
    mtu: 1450,
    master: 'pr5',
    linkinfo: { info_kind: 'vxlan', info_data: { id: 5, local: '10.0.0.1', port: 4790 } },
  },
  { ifname: 'vx7', linkinfo: { info_kind: 'vxlan', info_data: { id: 8, port: 4789 } } },
  { ifname: 'vx9', linkinfo: { info_kind: 'dummy' } },
]);
const FORWARDING = JSON.stringify([
  { mac: 'd2:5c:f3:2d:61:69', ifname: 'vx5', flags: [], master: 'pr5', state: 'permanent' },
  { mac: '02:42:0a:01:00:03', ifname: 'vx5', dst: '10.0.0.2', flags: ['self'], state: 'permanent' },
]);
const NEIGHBOURS = JSON.stringify([
  { dst: '10.1.0.3', dev: 'vx5', lladdr: '02:42:0a:01:00:03', state: ['PERMANENT'] },
  { dst: '10.9.9.9', dev: 'eth0', lladdr: '02:42:0a:01:00:03', state: ['PERMANENT'] },
]);

test('what iproute2 prints is read, and only what is ours', () => {
  const state = parseKernelState({ links: LINKS, forwarding: FORWARDING, neighbours: NEIGHBOURS });
  expect(state.bridges).toEqual(new Map([['pr5', '02:42:0a:01:00:01']]));
  expect([...state.tunnels.values()]).toEqual([
    {
      name: 'vx5',
      vni: 5,
      local: '10.0.0.1',
      port: 4790,
      mtu: 1450,
      bridge: 'pr5',
      up: true,
      forwarding: new Map([['02:42:0a:01:00:03', '10.0.0.2']]),
      neighbours: new Map([['10.1.0.3', '02:42:0a:01:00:03']]),
    },
  ]);
});

test('nothing printed is nothing there', () => {
  expect(parseKernelState({ links: '', forwarding: '', neighbours: '' }).tunnels.size).toBe(0);
});
