import { describe, expect, it } from 'vitest';
import { findTorch } from './find-torch.ts';

describe('findTorch', () => {
  it('takes the first interpreter that can import torch', async () => {
    expect(await findTorch(['/no/such/python', 'false', 'true'])).toBe('true');
  });

  it('is undefined where there is none', async () => {
    expect(await findTorch(['/no/such/python', 'false'])).toBeUndefined();
  });
});
