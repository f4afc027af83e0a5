import { expect, test } from 'vitest';
import { questionsOf } from './questions.ts';

test('of a service one asks first who deploys it, and nothing about nodes', () => {
  expect(questionsOf('service')[0]).toBe('service.deploy');
  expect(questionsOf('service')).toContain('host.bind-mount');
  expect(questionsOf('service')).not.toContain('node.drain');
});

test('of a project one asks about everything but one’s own tokens', () => {
  expect(questionsOf('project')).toContain('grant.edit');
  expect(questionsOf('project')).not.toContain('token.own');
});
