"""What records of works have in common: the preset dictionary that they are compressed with.

zlib finds in it what a record repeats of it, best when it stands near the end: so words of abstracts come first, then
the phrases that abstracts are made of, then a record of nothing in particular. A record says which dictionary it was
written with: to change a character of this one, add another beside it.
"""

from typing import Final

_WORDS: Final = """
acceleration accuracy achievable across activation adaptation adaptive additional additionally address addressing
adversarial agent agents algorithm algorithms algorithmic aligned alignment allocation ambiguity analysis analyze
analytical annotation annotations anomaly answering applicability application applications approximate approximation
arbitrary architecture architectures artificial assessment assumption assumptions asymptotic attack attacks attention
augmentation authentication autoencoder automated automatic automatically autonomous autoregressive available average
awareness balanced bandwidth baseline baselines Bayesian behavior behaviors behavioral benchmark benchmarks benefit bias
biological biomedical boundary bounds budget calibration camera candidate capabilities capability capacity capture
captures causal challenges channel characteristics characterize classes classical classification classifier classifiers
clinical closed clustering clusters code coding cognitive collaborative collection combination combinatorial
communication communications communities community comparable comparison competitive complementary complete complex
complexity components comprehensive compression computation computational computationally computer computing concepts
conditional conditions configuration connected consensus consequently consistency consistent constrained constraints
construct construction contents context contexts contextual continuous contrastive contribution controlled controller
conventional convergence conversational convex convolutional coordination correlation correlations corresponding
corpus covariance coverage criteria critical crucial cryptographic curvature customized database datasets decentralized
decision decisions decoding decomposition decoder deep defined degradation demand dense density dependencies dependent
deployment depth derive derived describe description design designed detailed detecting detection detector
deterministic developers development devices diagnosis differential difficulty diffusion dimensional dimensionality
dimensions directed discovery discrete discriminative discussion distance distillation distributed distribution
distributions diverse diversity document documents domain domains downstream dynamic dynamical dynamics edges editing
education effectively effectiveness efficacy efficiency efficient efficiently electronic embedded embedding embeddings
emerging emotion empirical empirically encoder encoding energy engineering enhance enhanced enhancing ensemble entities
entropy environment environments equation equations equilibrium equivalent error errors estimate estimates estimating
estimation estimator evaluate evaluated evaluating evaluation evaluations evidence evolution evolutionary execution
expensive experience experimental explicit explicitly exploit exploiting exploration explore exponential expressive
extensive extraction facial factors failure fairness feasibility feature features federated feedback fidelity field
filter filtering financial fine-grained fine-tuned fine-tuning finite flexibility flexible formal formulate formulated
formulation foundation framework frameworks frequency functional functions fundamental furthermore fusion gaussian
general generalizability generalization generalize generalized generate generated generates generating generation
generative generator geometric geometry global gradient gradients graph graphical graphs ground-truth guarantee
guarantees guidance handling hardware healthcare heterogeneous hierarchical high-dimensional high-quality
high-resolution historical human humans hybrid hypothesis identification identify identifying illustrate image images
imaging imitation impact imperfect implement implementation implementations implicit implicitly importance improvement
improvements incorporate incorporating increasingly independent indicate individual inductive industrial inference
information initial innovative input inputs insights inspired instances instruction instructions integrate integrated
integrating integration intelligence intelligent intensive interaction interactions interactive interference internal
interpretability interpretable intervention intrinsic introduces invariant inverse investigate iterative joint jointly
kernel keywords knowledge label labeled labels landscape language languages large-scale latency latent layer layers
learned learner learning leverage leverages leveraging likelihood limitations limited linear linguistic literature
local localization logarithmic logical long-term loss low-dimensional low-rank low-resource machine magnitude
management manipulation mapping market mathematical matrices matrix maximum measurement measurements mechanism
mechanisms medical memory metric metrics minimal minimization minimum mining mitigate mixture mobile modalities
modality modeling modelling modern modular molecular monitoring motion motivated multi-agent multimodal multiple
multi-task mutual natural navigation networks neural neurons node nodes noise noisy non-linear nonlinear normalization
notably numerical object objective objectives objects observations observed obtain obtained online operations operator
operators opportunities optical optimal optimality optimization optimize optimized optimizing order original
outperforming outperforms output outputs overhead parallel parameter parameters partial particular particularly
patients pattern patterns perception performance performances personalized perspective perspectives perturbation
phenomenon physical physics pipeline planning platform platforms points policies policy polynomial popular population
potential practical practice precision predict predicted predicting prediction predictions predictive preference
preferences preliminary presence preserving pre-trained pretrained pre-training pretraining previous previously primary
principled principles privacy probabilistic probability problem procedure procedures process processes processing
production programming programs progress promising prompt prompting properties property protein protocol protocols
prototype provable provably public publicly qualitative quality quantify quantitative quantization quantum queries
query question questions random randomized ranking rapid reality real-time real-world reasoning recent recognition
recommendation recommendations reconstruction recurrent reduce reduces reducing reduction redundancy refinement
regime regional regression regularization reinforcement related relationship relationships relative relevance relevant
reliability reliable remains representation representations representative require required requirements requires
requiring research researchers residual resolution resource resources respectively response responses restoration
retrieval reveal reveals reward rewards rigorous risk robot robotic robotics robots robust robustness safety sample
samples sampling satellite scalability scalable scale scaling scarcity scenario scenarios scene scenes schedule
scheduling scheme schemes science scientific search security segmentation self-supervised semantic semantics
semi-supervised sensing sensitive sensitivity sensor sensors sentence sentiment separate sequence sequences sequential
series server service services sets setting settings shape shared short-term signal signals significance significant
significantly similar similarity simple simulated simulation simulations simultaneous simultaneously single smooth
social society software solution solutions solve solving source sources space spaces sparse sparsity spatial
spatiotemporal specific specifically spectral spectrum speech speed stability stable stage standard state
state-of-the-art static statistical statistics step stochastic storage strategies strategy streaming strong structural
structure structured structures student students subsequent substantial substantially success successful successfully
sufficient suggest superior supervised supervision support surface survey sustainable symbolic symmetric synthesis
synthetic system systematic systematically systems target targets task-specific technical technique techniques
technologies technology temporal tensor terms testing text textual theorem theoretical theoretically theory threshold
time-series tokens tools topics topological topology tracking trade-off trade-offs traditional traffic trained
training trajectories trajectory transfer transferability transformation transformer transformers translation
transmission transparency treatment trees trustworthy tuning two-stage typical typically ubiquitous uncertainties
uncertainty underlying understanding unified uniform unique universal unlabeled unlike unseen unstructured unsupervised
updates urban user users utility utilize utilizing validate validated validation validity valuable values variable
variables variance variants variation variational variations various vectors vehicle vehicles verification versatile
video videos virtual vision visual visualization vulnerabilities vulnerable weight weighted weights wireless
workflow workload zero-shot
"""
_PHRASES: Final = """
the ability of large language models to reason about complex tasks a framework for a benchmark for a dataset of
Multimodal large language models (MLLMs) have demonstrated remarkable capabilities across a wide range of tasks
existing benchmarks fail to capture remains a significant challenge remains largely unexplored remains underexplored
it remains unclear whether there is a growing need for have emerged as a promising approach has emerged as a powerful
has become increasingly important poses significant challenges to suffer from limited high computational cost
fine-grained understanding of the relationship between the trade-off between the gap between the interplay between the
difference between the combination of the evolution of the distribution of the dynamics of the properties of the role
of the influence of the importance of the application of the development of the design of the analysis of the majority
of the first time the same time the best performance the proposed framework the resulting model the underlying
structure the final the first the most common the main the whole the total the current the original the entire the
target the a comprehensive evaluation of a systematic study of a simple yet effective a unified framework that a
general framework a novel framework that leverages a new class of a new dataset a lightweight a plug-and-play module a
two-stage training consists of two stages: first, second, and third, we design a we construct a we conduct extensive
experiments on we leverage the we apply our we compare our we derive we establish we formulate the we identify three
we observe that we train a we obtain a we report we discuss we conclude we hope that this work will we perform we
collect we release we evaluate several state-of-the-art models on across multiple datasets, including and various
downstream tasks such as image classification, object detection, and semantic segmentation, question answering, text
generation, code generation, text-to-image generation, diffusion models, diffusion transformers, vision transformers
(ViTs), foundation models, reinforcement learning with verifiable rewards, supervised fine-tuning (SFT), preference
optimization, policy gradient, chain-of-thought reasoning, in-context learning, instruction tuning, knowledge
distillation, contrastive learning, self-attention mechanism, mixture-of-experts, low-rank adaptation (LoRA),
parameter-efficient fine-tuning, KV cache, 3D Gaussian Splatting, point clouds, autonomous driving, robot
manipulation, time series forecasting, federated learning differential privacy, adversarial attacks, domain
adaptation, out-of-distribution (OOD) generalization, anomaly detection computer vision, human evaluation, social
media, electronic health records, clinical decision support, drug discovery, partial differential equations (PDEs),
Monte Carlo simulations, finite element method, Bayesian inference, Markov chain, Gaussian process, optimal transport,
lower bound on the number of, polynomial-time algorithm for, approximation ratio of star formation rate, black hole,
dark matter, dark energy, stellar mass, galaxies at redshift z, active galactic nuclei (AGN), gravitational waves,
spectral energy distribution, emission lines, the Milky Way, JWST observations of, Gaia DR3 quantum computing, quantum
circuits, error correction, phase transition, magnetic field, degrees of freedom, boundary conditions, large-scale
structure, the signal-to-noise ratio, in agreement with, consistent with, orders of magnitude, achieves
state-of-the-art performance on, significantly outperforms existing methods, improves the performance of by up to 10%
while maintaining comparable accuracy, while preserving the, with fewer parameters, without additional training,
without sacrificing, reducing the number of, leading to improved, resulting in a, making it suitable for, enabling
the, ensuring that the, allowing us to, by leveraging, by introducing, by exploiting the, by incorporating, by using
a, based on this, which allows, which leads to, which enables, that captures the, that combines, that can be, that
are, both the and its, their own, these results suggest that, this suggests, this allows, this approach, not only but
also, rather than due to the fact that, for the first time, for each, for example, for a given, from different, when
the, where the, how to In this work, we In this paper, we present a novel In this paper, we propose a new In this
article, we study the problem of This paper presents a method for This paper introduces an approach to This work
proposes This study investigates the We propose a We present a We introduce a We show that the We prove that We
demonstrate that We find that We study the We also show that We further propose We then use We evaluate our method on
We consider the problem of We develop a We describe We analyze the We investigate how We provide We argue that We
address this To address this, we To address these challenges, we propose To address these issues, To this end, we
propose To tackle this problem, we To the best of our knowledge, this is the first In particular, we In addition, we
In contrast to Inspired by Our approach is based on Our method achieves Our results show that the Our experiments show
that our Our code is available at https://github.com/ The code is publicly available at https://github.com/ The source
code and data are Project page: https:// Code and models will be made publicly available. The proposed method is able
to Experimental results show that the proposed method outperforms the state-of-the-art methods in terms of accuracy.
Extensive experiments on several real-world datasets demonstrate the effectiveness of our proposed approach.
Experiments on both synthetic and real data show that it can be used to Numerical experiments Simulation results show
has been widely used in has attracted have been proposed to have shown that have become a one of the most important is
one of the most is a challenging task due to the lack of plays an important role in is an important problem in Recent
advances in Recently, deep learning Recent work has shown However, most existing methods However, these methods
However, it is Moreover, we Furthermore, we Finally, we Additionally, Specifically, we Despite the For example, As a
result, On the other hand, While these Existing approaches often Most of the Traditional methods Unlike previous based
on the such as a number of the number of a set of a large number of a wide range of in order to as well as the with
respect to the in the presence of in the context of the performance of the problem of the use of the quality of the
impact of the effect of the accuracy of the structure of can be used to that can be which can be are able to Large
Language Models (LLMs) large language models (LLMs) such as GPT-4 vision-language models (VLMs) convolutional neural
networks (CNNs) deep neural networks (DNNs) graph neural networks (GNNs) recurrent neural network (RNN) generative
adversarial networks (GANs) reinforcement learning (RL) retrieval-augmented generation (RAG) machine learning (ML)
artificial intelligence (AI) natural language processing (NLP) support vector machine (SVM) the Internet of Things
(IoT) magnetic resonance imaging (MRI) stochastic gradient descent (SGD) chain-of-thought mean squared error the
training data and test the upper bound and lower bounds for all sufficiently large if and only if there exists a
compared to the compared with existing more than less than up to at least over the between the from the of our under
and the of the in the to the for the with a on the by the that the is that it from a which is this is are not and a to
be
""".replace("\n", " ")
_FIELDS: Final = (
    '"Zhang","Wang","Li","Liu","Chen","Yang","Zhao","Wu","Zhou","Xu","Sun","Kim","Lee","Park","Singh","Kumar","Nguyen",'
    '"Michael","David","John","Daniel","Thomas","Andreas","Christian","Alexander","Maria","Anna","Mohammad","Yi","Jian",'
    '"withdrawn","published","code_added","revised","title","abstract","authors","biorxiv","openreview","medrxiv",'
    '"huggingface","crossref","https://openreview.net/forum?id=","https://huggingface.co/papers/","doi:10.1101/20'
    '"doi:10.1109/","10.1145/","10.1007/","10.1016/j.","https://www.","https://github.com/'
    '"physics.soc-ph","astro-ph.GA","cond-mat","hep-th","q-bio.NC","q-bio.QM","econ.EM","quant-ph","math.PR","math.OC",'
    '"math.CO","math.NA","math.ST","math.IT","stat.ME","stat.AP","stat.TH","eess.SY","eess.AS","eess.SP","eess.IV",'
    '"cs.DM","cs.GT","cs.LO","cs.PL","cs.MM","cs.ET","cs.NE","cs.DL","cs.SI","cs.CC","cs.CG","cs.AR","cs.NA","cs.DB",'
    '"cs.DC","cs.NI","cs.SE","cs.CY","cs.HC","cs.IT","cs.SD","cs.SY","cs.CR","cs.IR","cs.DS","cs.MA","cs.RO","cs.AI",'
    '"cs.CL","cs.CV","cs.LG","stat.ML"]'
)
_RECORD: Final = (
    '{"paper":{"id":"arXiv:2401.0","title":"","abstract":"","authors":[{"name":"A"},{"name":"B"}],'
    '"published":"2024-01-02","updated":"2025-01-02T00:00:00Z","categories":["cs.LG","stat.ML"],"status":"withdrawn",'
    '"identifiers":{"arxiv":"2401.0","doi":"10.1109/"},"sources":[{"source":"arxiv","id":"arXiv:2401.0","version":1,'
    '"url":"https://arxiv.org/abs/2401.0","seen_at":"2026-11-24T22:15:10Z"},{"source":"huggingface","id":"arXiv:"}],'
    '"links":{"abs":"https://arxiv.org/abs/2401.0","pdf":"https://arxiv.org/pdf/2401.0",'
    '"code":[{"url":"https://github.com/","stars":1}],"project":"https://"},"signals":{"upvotes":2,"citations":3,'
    '"stars":1,"comments":1},"keywords":["language models","neural networks"],"language":"en","gist":"We ",'
    '"tasks":["machine translation"],"datasets":["ImageNet"],"life":[{"kind":"revised","at":"2026-",'
    '"version":"v2","fields":["title","abstract"]}]},"aliases":["arXiv:2401.0"],"told_by":"arxiv","revision":2,'
    '"readings":[{"at":"2026-11-24T22:15:10Z","signals":{"upvotes":2}}]}'
)
DICTIONARIES: Final = {1: (_WORDS.replace("\n", " ") + _PHRASES + _FIELDS + _RECORD).encode()}
"""By the number that a record begins with; what is written now has the highest."""
