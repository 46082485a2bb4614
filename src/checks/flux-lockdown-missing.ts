import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import { qualifiedName } from '../model/object.ts';
import { count } from '../model/text.ts';
import { manual } from './drafting.ts';
import { accountFirst, flagPatches, missingFlags } from './flux-lockdown-steps.ts';
import { APPLIED, keyOfController, noteUnknown, tenantsSeen } from './flux-objects.ts';

export default defineCheck({
  id: 'flux-lockdown-missing',
  title: 'The Flux controllers are locked down for tenants',
  severity: 'high',
  area: 'platform',
  platforms: ['flux'],
  reads: ['deployments.apps', 'namespaces', ...APPLIED],
  *run(view) {
    const { platform } = view;
    view.complete('deployments.apps');
    const tenants = tenantsSeen(view);
    // Without tenants there is nobody whom the flags would keep apart.
    if (tenants.length === 0) return;
    for (const controller of platform.controllers) {
      if (controller.kind === 'source-controller') continue;
      view.examined();
      const flags = missingFlags(controller);
      const hidden = flags.find(({ unknown }) => unknown !== undefined);
      if (hidden?.unknown !== undefined) noteUnknown(view, controller, hidden.unknown);
      const missing = flags.filter(({ unknown }) => unknown === undefined);
      if (missing.length === 0) continue;
      const object = refOf('deployments.apps', controller.deployment);
      const texts = missing.map(({ text }) => text);
      yield {
        object,
        path: '/spec/template/spec/containers/0/args',
        message: `${controller.kind} ${qualifiedName(controller.deployment.metadata)} runs without ${texts.join(', ')}, and Flux serves ${count(tenants.length, 'tenant namespace')}`,
        confidence: 'certain',
        evidence: missing.map(({ text, set }) => ({
          type: 'object' as const,
          object,
          path: '/spec/template/spec/containers/0/args',
          expected: text,
          observed: set ?? null,
          message: set === undefined ? `${text} is not set` : `set to "${set}" instead of ${text}; the last one counts`,
        })),
        keys: { object: keyOfController(controller) },
        remediation: manual(
          'Add the flags in Git: Flux would revert a change of the Deployment itself',
          ...(texts.some((text) => text.startsWith('--default-service-account')) ? accountFirst(view) : []),
          ...flagPatches(controller, texts, platform),
        ),
      };
    }
  },
});
