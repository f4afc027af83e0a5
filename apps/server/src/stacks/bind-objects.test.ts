import { describe, expect, it } from 'vitest';
import { settledRefusals } from './bind-objects.ts';

const present = {
  networks: [{ id: 'n1', name: 'back', internal: false, subnet: '10.200.16.0/20' }],
  volumes: [{ id: 'v1', name: 'data', driverOptions: { size: '1g' } }],
};
const network = (more: object) => ({ networks: [{ name: 'back', internal: false, ...more }], volumes: [] });
const volume = (driverOpts: Record<string, string>) => ({
  networks: [],
  volumes: [{ name: 'data', driverOpts }],
});
const said = (file: Parameters<typeof settledRefusals>[0]) =>
  settledRefusals(file, present).map(({ message }) => message);

describe('a file that names an object which is there already', () => {
  it.each([
    ['the network shut off later', network({ internal: true }), 'back is there already, and is not internal'],
    ['another subnet', network({ subnet: '10.9.0.0/20' }), 'has the subnet 10.200.16.0/20'],
    ['other options of the volume', volume({ size: '2g' }), 'data is there already, and was made with other'],
  ])('is refused with %s: nothing of it would come true', (_, file, sentence) => {
    expect(said(file)).toEqual([expect.stringContaining(sentence)]);
  });

  it.each([
    ['the same settings', network({ subnet: '10.200.16.0/20' })],
    ['the same subnet by another of its addresses', network({ subnet: '10.200.17.5/20' })],
    ['no subnet, which is anyone', network({})],
    ['no options, as it was taken over with some', volume({})],
    ['an object of the project under that name', network({ internal: true, external: { name: 'other' } })],
  ])('goes through with %s', (_, file) => {
    expect(said(file)).toEqual([]);
  });

  it('makes what is not there yet as it says', () => {
    expect(settledRefusals(network({ internal: true }), undefined)).toEqual([]);
  });
});
